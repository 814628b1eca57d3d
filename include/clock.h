/* clock.h: time that only goes forward, for durations and deadlines; points in
 * the calendar are date.h's. */
#ifndef CARTOLINA_CLOCK_H
#define CARTOLINA_CLOCK_H

#include <stdint.h>

/* Since an unnamed moment, the same one in all processes of this machine. */
int64_t clock_ms(void);
int64_t clock_us(void);

#endif
