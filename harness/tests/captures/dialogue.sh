P=$1; F=$2; shift 2
tcpdump --immediate-mode -U -s 0 "$@" -w $F tcp port $P 2>/dev/null & TP=$!
sleep 0.7
mosquitto_sub -p $P -V mqttv5 -i sub5 -q 2 -t 'a/#' -C 5 >/dev/null & S1=$!
mosquitto_sub -p $P -V mqttv311 -i sub4 -q 1 -t 'a/+' -C 4 >/dev/null & S2=$!
sleep 0.4
mosquitto_pub -p $P -V mqttv311 -i pub4 -q 0 -t a/b -m zero
mosquitto_pub -p $P -V mqttv5 -i pub5 -q 2 -t a/b -m two -r
mosquitto_pub -p $P -V mqttv311 -i pub4 -q 1 -t a/c -m one
head -c 5000 /dev/zero | tr '\0' x | mosquitto_pub -p $P -V mqttv5 -i pub5 -q 1 -t a/big -s
mosquitto_pub -p $P -V mqttv31 -i pub3 -q 1 -t a/d/e -m three
wait $S1 $S2
mosquitto_pub -p $P -V mqttv5 -i pub5 -q 1 -t a/b -n -r
sleep 0.5; kill $TP; wait $TP 2>/dev/null
