# Completes observerd, observerctl and loadgen, in bash and in zsh:
#
#   bash:  source tools/completion/observer.sh
#   zsh:   autoload -U +X bashcompinit && bashcompinit
#          source tools/completion/observer.sh
#
# The programs are asked for what they take (--help), so nothing here can be
# out of date.

_observer_complete() {
  local program=$1 current=$2 before=$3 word help choices
  local -a commands=()
  # Subcommands that stand before the word: those that the program knows.
  for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    [[ $word == [a-z]* ]] || continue
    help=$("$program" "${commands[@]}" --help 2> /dev/null)
    grep -qE "^  $word( |\$)" <<< "$help" && commands+=("$word")
  done
  help=$("$program" "${commands[@]}" --help 2> /dev/null) || return 0
  COMPREPLY=()
  if [[ $before == --* ]]; then
    # An option's value: one of {those}, or a file.
    choices=$(sed -nE "s/^ +(-.,)?$before [^{]*\{([^}]*)\}.*/\2/p" <<< "$help")
    if [[ -n $choices ]]; then
      COMPREPLY=($(compgen -W "${choices//,/ }" -- "$current"))
      return 0
    fi
    if grep -qE "^ +(-.,)?$before +[A-Z]" <<< "$help"; then
      COMPREPLY=($(compgen -f -- "$current"))
      return 0
    fi
  fi
  if [[ $current == -* ]]; then
    choices=$(sed -nE 's/^  (-.,)?(--[a-z0-9-]+).*/\2/p' <<< "$help")
  else
    choices=$(sed -n '/^Subcommands:/,/^[^ ]/ s/^  \([a-z][a-z-]*\) .*/\1/p' <<< "$help")
  fi
  COMPREPLY=($(compgen -W "$choices" -- "$current"))
}

complete -F _observer_complete observerd observerctl loadgen
