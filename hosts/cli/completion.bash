# SPDX-License-Identifier: MIT
# bash completion for numaboot: verbs and options are those of `numaboot --help`.

_numaboot()
{
	local word=${COMP_WORDS[COMP_CWORD]} help verbs options
	COMPREPLY=()
	help=$("${COMP_WORDS[0]}" --help 2>/dev/null) || return
	verbs=$(sed -n 's/^  numaboot \([a-z]*\) .*/\1/p' <<<"$help" | sort -u)
	options=$(grep -o -e '--[a-z][a-z-]*' <<<"$help" | sort -u)
	if [ "$COMP_CWORD" -eq 1 ]; then
		mapfile -t COMPREPLY < <(compgen -W "$verbs --help --version" -- "$word")
	elif [[ $word == -* ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$options" -- "$word")
	elif [ "${COMP_WORDS[1]}" = explain ] && [ "$COMP_CWORD" -gt 1 ]; then
		mapfile -t COMPREPLY < <(compgen -f -W "node cpu zone pxm fallback memory" -- "$word")
	else
		mapfile -t COMPREPLY < <(compgen -f -- "$word")
	fi
}

complete -o filenames -F _numaboot numaboot
