/* SPDX-License-Identifier: MIT */
/* Not as .clang-format has it: tools/check-format rejects it. */
int badly_spaced( int a,int b );

int badly_spaced( int a,int b ) {
    return a+b; }
