/* Runs a decoder over test vectors of mqttspec and prints its score. C99 and its library, nothing else.
 *
 *   mqttspec vectors --spec 5.0 --format c --output mqtt_vectors.h
 *   cc -std=c99 -I. -o run_vectors run_vectors.c && ./run_vectors
 *
 * Another version: -DSPEC=3_1_1 with the header of that version.
 * Put your decoder in the place of `decode`. The one here knows only the fixed header, so that there is something to run.
 * Exits with 0 when no vector fails, with 1 when one does. MIT licence.
 */
#include <stdio.h>
#include <stdlib.h>

#include "mqtt_vectors.h"

#ifndef SPEC
#define SPEC 5_0
#endif
#define PASTE(a, b, c) a##b##c
#define EXPAND(a, b, c) PASTE(a, b, c)
#define VECTORS EXPAND(mqttspec_vectors_, SPEC, )
#define COUNT EXPAND(MQTTSPEC_VECTORS_, SPEC, _COUNT)
#define VERSION EXPAND(MQTTSPEC_VECTORS_, SPEC, _VERSION)

/* Your decoder: returns 1 when the bytes are one whole packet that it accepts, all of them consumed, and else 0. */
static int decode(const uint8_t *data, uint32_t length)
{
    static const uint8_t flags[16] = {0, 0, 0, 0, 0, 0, 2, 0, 2, 0, 2, 0, 0, 0, 0, 0};
    uint32_t remaining = 0, index;
    uint8_t packet_type;

    if (length < 2)
        return 0;
    packet_type = data[0] >> 4;
    if (packet_type == 0 || (packet_type == 15 && VERSION[0] != '5'))
        return 0;
    if (packet_type != 3 && (data[0] & 0x0F) != flags[packet_type])
        return 0;
    for (index = 1; index < 5; index++) {
        if (index >= length)
            return 0;
        remaining |= (uint32_t)(data[index] & 0x7F) << (7 * (index - 1));
        if (data[index] < 0x80)
            return (index == 1 || data[index] != 0) && length == index + 1 + remaining;
    }
    return 0;
}

int main(int argc, char **argv)
{
    enum { PASS, FREE, FAIL };
    unsigned long score[2][3] = {{0, 0, 0}, {0, 0, 0}};
    uint32_t largest = 1;
    uint8_t *bytes;
    size_t index;
    int verbose = argc > 1 && argv[1][0] == '-' && argv[1][1] == 'v';

    for (index = 0; index < COUNT; index++)
        if (VECTORS[index].length > largest)
            largest = VECTORS[index].length;
    bytes = malloc(largest);
    if (bytes == NULL) {
        fprintf(stderr, "no memory for a vector of %lu bytes: define MQTTSPEC_NO_LARGE\n", (unsigned long)largest);
        return 2;
    }
    for (index = 0; index < COUNT; index++) {
        const mqttspec_vector *vector = &VECTORS[index];
        uint32_t length = mqttspec_vector_bytes(vector, bytes, largest);
        int accepted = decode(bytes, length);
        unsigned leeway = vector->valid ? MQTTSPEC_MAY_REFUSE : MQTTSPEC_MAY_ACCEPT;
        int outcome = accepted == vector->valid ? PASS : (vector->flags & leeway) ? FREE : FAIL;

        score[vector->valid][outcome]++;
        if (verbose && outcome == FAIL)
            printf("%s  %s: %s\n", accepted ? "accepted" : "refused", vector->id, vector->comment);
    }
    free(bytes);
    for (index = 2; index-- > 0;)
        printf("MQTT %s %-7s  passed %lu of %lu, either way would do %lu\n", VERSION, index ? "valid" : "invalid",
               score[index][PASS], score[index][PASS] + score[index][FAIL], score[index][FREE]);
    return score[0][FAIL] + score[1][FAIL] ? 1 : 0;
}
