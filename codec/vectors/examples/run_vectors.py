#!/usr/bin/env python3
"""Runs a decoder over test vectors of mqttspec and prints its score. Needs nothing but Python 3.8.

    python3 run_vectors.py mqtt-5.0.json [-v]

Put your decoder in the place of `decode`. The one here knows only the fixed header, so that there is something to run.
Exits with 0 when no vector fails, with 1 when one does. MIT licence.
"""

import json
import sys


def decode(data, spec):
    """Your decoder: returns whether `data` is one whole packet of MQTT `spec` that it accepts, all bytes consumed."""
    if len(data) < 2:
        return False
    packet_type, flags = data[0] >> 4, data[0] & 0x0F
    if packet_type == 0 or (packet_type == 15 and spec != "5.0"):
        return False
    expected = {6: 2, 8: 2, 10: 2}.get(packet_type, 0)
    if packet_type != 3 and flags != expected:
        return False
    remaining = 0
    for index in range(1, 5):
        if index >= len(data):
            return False
        remaining |= (data[index] & 0x7F) << (7 * (index - 1))
        if data[index] < 0x80:
            shortest = index == 1 or data[index] != 0
            return shortest and len(data) == index + 1 + remaining
    return False


def bytes_of(vector):
    """The bytes of a vector: spelled out, or as runs of repeated pieces when they are many."""
    if "runs" in vector:
        return b"".join(bytes.fromhex(piece) * times for piece, times in vector["runs"])
    return bytes.fromhex(vector["bytes"])


def judge(vector, accepted):
    """What the outcome is worth: `pass`, `fail`, or `free` when either would do."""
    if accepted == vector["valid"]:
        return "pass"
    leeway = "may-refuse" if vector["valid"] else "may-accept"
    return "free" if leeway in vector["flags"] else "fail"


def run(path, verbose):
    """Runs every vector of one file; returns how many fail."""
    with open(path, encoding="utf-8") as file:
        vectors = json.load(file)
    score = {(valid, outcome): 0 for valid in (True, False) for outcome in ("pass", "free", "fail")}
    for vector in vectors["vectors"]:
        try:
            accepted = decode(bytes_of(vector), vectors["spec"])
        except Exception as error:  # a decoder that raises has not accepted, and has not answered either
            print(f"{vector['id']}: {type(error).__name__}: {error}")
            score[vector["valid"], "fail"] += 1
            continue
        outcome = judge(vector, accepted)
        score[vector["valid"], outcome] += 1
        if verbose and outcome == "fail":
            print(f"{'accepted' if accepted else 'refused'}  {vector['id']}: {vector['comment']}")
    for valid, name in ((True, "valid"), (False, "invalid")):
        passed, free, failed = (score[valid, outcome] for outcome in ("pass", "free", "fail"))
        print(f"MQTT {vectors['spec']} {name:7}  passed {passed} of {passed + failed}, either way would do {free}")
    return score[True, "fail"] + score[False, "fail"]


def main(arguments):
    paths = [argument for argument in arguments if argument != "-v"]
    if not paths:
        print(__doc__.strip(), file=sys.stderr)
        return 2
    failed = sum(run(path, "-v" in arguments) for path in paths)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
