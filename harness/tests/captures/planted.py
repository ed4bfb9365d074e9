# A server that uses Packet Identifier 1 for a second message while the first is in flight (MQTT-2.3.1-4).
import socket, threading, sys
s = socket.create_server(("127.0.0.1", int(sys.argv[1])))
c, _ = s.accept()
c.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
c.recv(1000); c.sendall(b"\x20\x02\x00\x00")
sub = c.recv(1000); c.sendall(b"\x90\x03" + sub[2:4] + b"\x02")
c.sendall(b"\x34\x0a\x00\x03p/q\x00\x01one"); c.recv(1000)
c.sendall(b"\x34\x0a\x00\x03p/q\x00\x01two"); c.settimeout(1)
try: c.recv(1000)
except OSError: pass
c.close()
