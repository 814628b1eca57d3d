/* fcgireply.c: header and body -> records, in one sendmsg() as long as the socket
 * takes that much.
 */
#include "fcgireply.h"

#include <errno.h>
#include <fastcgi.h>
#include <sys/socket.h>
#include <sys/uio.h>

enum {
	CONTENT = 65528, /* of a record; a multiple of 8, as §3.3 advises */
	RECORDS = 16,    /* in one call */
};

/* What ends a reply. */
struct end {
	FCGI_Header out;
	FCGI_EndRequestRecord request;
};

static FCGI_Header header(int type, int request_id, size_t content)
{
	return (FCGI_Header){
		.version = FCGI_VERSION_1,
		.type = (unsigned char)type,
		.requestIdB1 = (unsigned char)(request_id >> 8),
		.requestIdB0 = (unsigned char)request_id,
		.contentLengthB1 = (unsigned char)(content >> 8),
		.contentLengthB0 = (unsigned char)content,
	};
}

static FCGI_EndRequestRecord end_request(int request_id, int status)
{
	return (FCGI_EndRequestRecord){
		.header = header(FCGI_END_REQUEST, request_id, sizeof(FCGI_EndRequestBody)),
		.body = {.protocolStatus = (unsigned char)status},
	};
}

static struct iovec part(const void *bytes, size_t n)
{
	return (struct iovec){.iov_base = (void *)bytes, .iov_len = n};
}

static bool send_parts(int fd, struct iovec *parts, size_t count, const volatile sig_atomic_t *over)
{
	while (count && !*over) {
		const struct msghdr message = {.msg_iov = parts, .msg_iovlen = count};
		ssize_t sent = sendmsg(fd, &message, MSG_NOSIGNAL);
		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0)
			return false;
		size_t n = (size_t)sent;
		for (; count && n >= parts->iov_len; count--)
			n -= parts++->iov_len;
		if (count)
			*parts = part((char *)parts->iov_base + n, parts->iov_len - n);
	}
	return !count;
}

/* The beginning of *bytes, at most n. */
static struct str take(struct str *bytes, size_t n)
{
	struct str taken = str_head(*bytes, n);

	*bytes = str_skip(*bytes, taken.n);
	return taken;
}

bool fcgireply_send(int fd, int request_id, struct str head, struct str body, const volatile sig_atomic_t *over)
{
	const struct end end = {header(FCGI_STDOUT, request_id, 0), end_request(request_id, FCGI_REQUEST_COMPLETE)};
	FCGI_Header headers[RECORDS];
	struct iovec parts[3 * RECORDS + 1];
	bool sent;

	do {
		size_t count = 0;
		for (size_t i = 0; i < RECORDS && (head.n || body.n); i++) {
			struct str first = take(&head, CONTENT), second = take(&body, CONTENT - first.n);
			headers[i] = header(FCGI_STDOUT, request_id, first.n + second.n);
			parts[count++] = part(&headers[i], sizeof(headers[i]));
			parts[count++] = part(first.p, first.n);
			parts[count++] = part(second.p, second.n);
		}
		bool last = !head.n && !body.n;
		if (last)
			parts[count++] = part(&end, sizeof(end));
		sent = send_parts(fd, parts, count, over);
		if (last)
			break;
	} while (sent);
	return sent;
}

bool fcgireply_refuse(int fd, int request_id)
{
	const FCGI_EndRequestRecord record = end_request(request_id, FCGI_UNKNOWN_ROLE);

	return send(fd, &record, sizeof(record), MSG_NOSIGNAL | MSG_DONTWAIT) == sizeof(record);
}
