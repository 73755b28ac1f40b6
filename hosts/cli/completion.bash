# SPDX-License-Identifier: MIT
# bash completion for numaboot: verbs are those of `numaboot --help`, options those of
# `numaboot VERB --help`, ids of findings those of `numaboot check --list`.

_numaboot_findings()
{
	"${COMP_WORDS[0]}" check --list 2>/dev/null | sed -n 's/^\([a-z0-9-]*\) (.*/\1/p'
}

_numaboot()
{
	local numaboot=${COMP_WORDS[0]} verb=${COMP_WORDS[1]} word=${COMP_WORDS[COMP_CWORD]}
	local before=${COMP_WORDS[COMP_CWORD - 1]} found files=(-f)
	COMPREPLY=()
	if [ "$COMP_CWORD" -eq 1 ]; then
		found=$("$numaboot" --help 2>/dev/null | sed -n 's/^  numaboot \([a-z]*\) .*/\1/p')
		found+=" --help --version"
		files=()
	elif [ "$verb $before" = "check --ignore" ]; then
		found=$(_numaboot_findings)
		files=()
	elif [[ $word == -* ]]; then
		found=$("$numaboot" "$verb" --help 2>/dev/null | grep -o -e '--[a-z][a-z0-9-]*')
		found+=" --help --version"
		files=()
	elif [ "$verb" = explain ]; then
		found="node cpu zone pxm fallback memory "
		found+=$(_numaboot_findings)
	fi
	mapfile -t COMPREPLY < <(compgen "${files[@]}" -W "$found" -- "$word" | sort -u)
}

complete -o filenames -F _numaboot numaboot
