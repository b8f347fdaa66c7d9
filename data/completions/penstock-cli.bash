# SPDX-License-Identifier: GPL-3.0-or-later
# bash completion for penstock-cli(1)

_penstock_cli_leftovers() {
  local file
  for file in "${XDG_STATE_HOME:-$HOME/.local/state}"/penstock/receipts/*.journal; do
    [[ -e $file ]] && basename "$file" .journal
  done
}

_penstock_cli() {
  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
  local common='--json --quiet --help --version'
  local connection='--server --nearby --code --verify --remember --remember-as --limit --wait --relay-only --stock --stun --turn'
  local options

  if [[ $COMP_CWORD -eq 1 ]]; then
    mapfile -t COMPREPLY < <(compgen -W 'send receive serve devices leftovers --help --version' -- "$cur")
    return
  fi

  # `--output=DIR` comes as three words.
  if [[ $cur == '=' ]]; then
    cur=
  elif [[ $prev == '=' ]]; then
    prev=${COMP_WORDS[COMP_CWORD - 2]}
  fi

  case $prev in
    --output | -o)
      compopt -o filenames
      mapfile -t COMPREPLY < <(compgen -d -- "$cur")
      return
      ;;
    --to | --from | forget | accept)
      [[ $prev == --* || ${COMP_WORDS[1]} == devices ]] || return
      mapfile -t COMPREPLY < <(compgen -W "$(penstock-cli devices --json 2>/dev/null \
        | sed -n 's/^{"type":"device","name":"\([^"\\ ]*\)".*/\1/p')" -- "$cur")
      return
      ;;
    --discard)
      mapfile -t COMPREPLY < <(compgen -W "all $(_penstock_cli_leftovers)" -- "$cur")
      return
      ;;
    --server | --code | --remember-as | --limit | --wait | --stun | --turn | --words | --address | --port)
      return
      ;;
  esac

  case ${COMP_WORDS[1]} in
    send) options="--to $connection --words $common" ;;
    receive) options="--from $connection --output --yes $common" ;;
    serve) options="--address --port $common" ;;
    devices) options=$common ;;
    leftovers) options="--discard $common" ;;
    *) return ;;
  esac

  if [[ $cur == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$options" -- "$cur")
  elif [[ ${COMP_WORDS[1]} == devices ]]; then
    [[ $COMP_CWORD -ne 2 ]] || mapfile -t COMPREPLY < <(compgen -W 'rename forget accept' -- "$cur")
    [[ $COMP_CWORD -ne 4 || ${COMP_WORDS[2]} != accept ]] \
      || mapfile -t COMPREPLY < <(compgen -W 'on off' -- "$cur")
  elif [[ ${COMP_WORDS[1]} == send ]]; then
    compopt -o filenames
    mapfile -t COMPREPLY < <(compgen -f -- "$cur")
  fi
}

complete -F _penstock_cli penstock-cli
