P=$1; F=$2
mosquitto_sub -p $P -V mqttv5 -i sub5 -q 2 -k 5 -t 'm/#' -C 4 >/dev/null & S1=$!
mosquitto_sub -p $P -V mqttv311 -i sub4 -q 1 -k 5 -t 'm/+' -C 4 >/dev/null & S2=$!
sleep 0.5
tcpdump --immediate-mode -U -s 0 -i lo -w $F tcp port $P 2>/dev/null & TP=$!
sleep 0.7
mosquitto_pub -p $P -V mqttv311 -i pub4 -q 0 -t m/b -m zero
mosquitto_pub -p $P -V mqttv5 -i pub5 -q 2 -t m/b -m two
mosquitto_pub -p $P -V mqttv311 -i pub4 -q 1 -t m/c -m one
sleep 5
mosquitto_pub -p $P -V mqttv5 -i pub5 -q 1 -t m/d -m last
wait $S1 $S2
sleep 1; kill $TP; wait $TP 2>/dev/null
