#!/bin/bash
# For harnesses that start Apache Kafka by the name of its main class: what those classes do, this folder's commands do.
#   kafka-run-class.sh [-daemon] [-name NAME] [-loggc] kafka.Kafka server.properties [--override property=value]...
#   kafka-run-class.sh kafka.tools.StorageTool format|info|random-uuid ...
script=$(readlink -f "${BASH_SOURCE[0]}")
bin=${script%/*}

daemon=()
while [ $# -gt 0 ]; do
  case $1 in
    -daemon) daemon=(-daemon); shift ;;
    -name) shift 2 ;;
    -loggc) shift ;;
    *) break ;;
  esac
done

class=$1
[ $# -eq 0 ] || shift
case $class in
  kafka.Kafka) exec "$bin/kafka-server-start.sh" "${daemon[@]}" "$@" ;;
  kafka.tools.StorageTool | org.apache.kafka.tools.StorageTool) exec "$bin/kafka-storage.sh" "$@" ;;
esac
echo "There is no Java class '$class' here: this folder holds a broker (kafka.Kafka) and its storage command (kafka.tools.StorageTool)." >&2
exit 1
