#!/bin/bash
# Asks the nodes that run from this folder for a controlled shutdown (SIGTERM, or $SIGNAL).
#   kafka-server-stop.sh [--process-role broker|controller|broker,controller] [--node-id N]
# Without options every such node stops; --node-id wins over --process-role.
signal=${SIGNAL:-TERM} role= node=
while [ $# -gt 0 ]; do
  case $1 in
    --process-role=*) role=${1#*=} ;;
    --node-id=*) node=${1#*=} ;;
    --process-role) role=$2; shift ;;
    --node-id) node=$2; shift ;;
    *) echo "USAGE: $0 [--process-role broker|controller|broker,controller] [--node-id N]" >&2; exit 1 ;;
  esac
  shift
done
[ -n "$role" ] && [ -n "$node" ] && echo "When both node-id and process-role are provided, the value for node-id will take precedence"

broker=$(readlink -f "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../kafka-broker")

# property PID NAME: the last --override of NAME, else what the properties file of the process says.
property() {
  local arguments=() value= file= i
  mapfile -d '' arguments < "/proc/$1/cmdline"
  for ((i = 2; i < ${#arguments[@]}; i++)); do
    case ${arguments[i]} in
      --override) i=$((i + 1)); case ${arguments[i]} in "$2="*) value=${arguments[i]#*=} ;; esac ;;
      --override="$2"=*) value=${arguments[i]#--override="$2"=} ;;
      -*) ;;
      *) file=${arguments[i]} ;;
    esac
  done
  if [ -z "$value" ] && [ -n "$file" ]; then
    case $file in /*) ;; *) file=/proc/$1/cwd/$file ;; esac
    value=$(sed -n "s/^[[:space:]]*${2//./\\.}[[:space:]]*[=:][[:space:]]*\(.*[^[:space:]]\)[[:space:]]*\$/\1/p" "$file" | tail -n 1)
  fi
  printf '%s' "${value// /}"
}

found=
for process in /proc/[0-9]*; do
  pid=${process#/proc/}
  [ "$(readlink "$process/exe" 2> /dev/null)" = "$broker" ] || continue
  if [ -n "$node" ]; then
    [ "$(property "$pid" node.id)" = "$node" ] || continue
  elif [ -n "$role" ]; then
    [ "$(property "$pid" process.roles)" = "$role" ] || continue
  fi
  found=yes
  kill -s "$signal" "$pid"
done
[ -n "$found" ] || { echo "No kafka server to stop"; exit 1; }
