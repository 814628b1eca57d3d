/* notify.h: what a service tells systemd about itself, sd_notify(3).
 *
 * One datagram to the socket that $NOTIFY_SOCKET names.  libsystemd does the
 * same, but would be loaded by every CGI process for it.
 */
#ifndef CARTOLINA_NOTIFY_H
#define CARTOLINA_NOTIFY_H

#include <stdint.h>

/* "READY=1\nSTATUS=…".  Does nothing when nobody asked to be told; an address
 * that cannot be reached is logged. */
void notify_send(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* How often this process is to send WATCHDOG=1: half of what systemd allows.
 * ms; 0: not at all. */
int64_t notify_watchdog_interval(void);

#endif
