//! One adapter for each codec under comparison. To add one: write its file, and name it in the two lists below.

// peers: mqttrs, mqttbytes, rumqttc, rumqttc_next, mqtt_bytes_v5
// peers2: ntex_mqtt, rmqtt_codec, mqtt_protocol_core, mqtt_proto, mqute_codec, mqtt5_protocol, rusty_rtos_mqtt
