# SPDX-License-Identifier: GPL-3.0-or-later
# fish completion for penstock-cli(1)

set -l commands send receive serve devices leftovers
set -l connects '__fish_seen_subcommand_from send receive'

complete -c penstock-cli -f
complete -c penstock-cli -n "not __fish_seen_subcommand_from $commands" -a send -d 'Send files and folders'
complete -c penstock-cli -n "not __fish_seen_subcommand_from $commands" -a receive -d 'Receive what someone sends'
complete -c penstock-cli -n "not __fish_seen_subcommand_from $commands" -a serve -d 'Help others find each other'
complete -c penstock-cli -n "not __fish_seen_subcommand_from $commands" -a devices -d 'List, rename or forget remembered devices'
complete -c penstock-cli -n "not __fish_seen_subcommand_from $commands" -a leftovers -d 'List what did not arrive completely'

complete -c penstock-cli -n $connects -l server -x -d 'Meet through this mailbox server'
complete -c penstock-cli -n $connects -l nearby -d 'Meet on this network only'
complete -c penstock-cli -n $connects -l code -x -d 'Use this code'
complete -c penstock-cli -n $connects -l verify -d 'Have six words compared first'
complete -c penstock-cli -n $connects -l remember -d 'Offer to remember each other'
complete -c penstock-cli -n $connects -l remember-as -x -d 'The same, and call the other device so'
complete -c penstock-cli -n $connects -l limit -x -d 'Send at most this many bytes a second'
complete -c penstock-cli -n $connects -l wait -x -d 'Look for a lost connection so long'
complete -c penstock-cli -n $connects -l relay-only -d 'Connect through a TURN server only'
complete -c penstock-cli -n $connects -l stock -d "Use GStreamer's own data channel"
complete -c penstock-cli -n $connects -l stun -x -d 'Use this STUN server'
complete -c penstock-cli -n $connects -l turn -x -d 'Use this TURN server'

complete -c penstock-cli -n '__fish_seen_subcommand_from send' -F
complete -c penstock-cli -n '__fish_seen_subcommand_from send' -l to -x -d 'Send to this remembered device'
complete -c penstock-cli -n '__fish_seen_subcommand_from send' -l words -x -d 'Make a code of N words'

complete -c penstock-cli -n '__fish_seen_subcommand_from receive' -l from -x -d 'Receive from this remembered device'
complete -c penstock-cli -n '__fish_seen_subcommand_from receive' -s o -l output -x -a '(__fish_complete_directories)' -d 'Write into this folder'
complete -c penstock-cli -n '__fish_seen_subcommand_from receive' -s y -l yes -d 'Accept without asking'

complete -c penstock-cli -n '__fish_seen_subcommand_from serve' -l address -x -d 'Listen on this IP address only'
complete -c penstock-cli -n '__fish_seen_subcommand_from serve' -l port -x -d 'Listen on this port'

complete -c penstock-cli -n '__fish_seen_subcommand_from devices' -a 'rename forget accept'
complete -c penstock-cli -n '__fish_seen_subcommand_from leftovers' -l discard -x -a all -d 'Remove what came'

complete -c penstock-cli -l json -d 'Write one JSON object a line'
complete -c penstock-cli -s q -l quiet -d 'Write only what is needed'
complete -c penstock-cli -s h -l help -d 'Show the options of a command'
complete -c penstock-cli -l version -d 'Show the version'
