# SPDX-License-Identifier: GPL-3.0-or-later
# bash completion for penstock-cli(1)

_penstock_cli() {
  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
  local common='--json --quiet --help --version'
  local connection='--server --nearby --code --verify --limit --wait --relay-only --stock --stun --turn'
  local options

  if [[ $COMP_CWORD -eq 1 ]]; then
    mapfile -t COMPREPLY < <(compgen -W 'send receive serve --help --version' -- "$cur")
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
    --server | --code | --limit | --wait | --stun | --turn | --words | --address | --port)
      return
      ;;
  esac

  case ${COMP_WORDS[1]} in
    send) options="$connection --words $common" ;;
    receive) options="$connection --output --yes $common" ;;
    serve) options="--address --port $common" ;;
    *) return ;;
  esac

  if [[ $cur == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$options" -- "$cur")
  elif [[ ${COMP_WORDS[1]} == send ]]; then
    compopt -o filenames
    mapfile -t COMPREPLY < <(compgen -f -- "$cur")
  fi
}

complete -F _penstock_cli penstock-cli
