/* response.c: a response as a value, and its CGI form. */
#include "response.h"

#include <assert.h>

void response_field(struct response *response, const char *name, struct str value)
{
	assert(response->field_count < RESPONSE_MAX_FIELDS);
	for (size_t i = 0; i < value.n; i++)
		assert(value.p[i] != '\r' && value.p[i] != '\n' && value.p[i] != 0);
	response->fields[response->field_count++] = (struct response_field){name, value};
}

void response_set(struct response *response, const char *name, struct str value)
{
	for (size_t i = 0; i < response->field_count; i++) {
		if (strcmp(response->fields[i].name, name))
			continue;
		response->fields[i].value = value;
		return;
	}
	response_field(response, name, value);
}

struct str response_get(const struct response *response, const char *name)
{
	for (size_t i = 0; i < response->field_count; i++)
		if (str_is_fold(str_from(name), response->fields[i].name))
			return response->fields[i].value;
	return STR_LIT("");
}

const char *response_reason(int status)
{
	/* IANA HTTP Status Code Registry, those that Cartolina sends. */
	static const struct {
		int status;
		const char *reason;
	} reasons[] = {
		{200, "OK"}, {301, "Moved Permanently"}, {304, "Not Modified"}, {400, "Bad Request"},
		{403, "Forbidden"}, {404, "Not Found"}, {405, "Method Not Allowed"},
		{412, "Precondition Failed"}, {414, "URI Too Long"}, {500, "Internal Server Error"},
		{501, "Not Implemented"},
		{503, "Service Unavailable"},
	};
	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (reasons[i].status == status)
			return reasons[i].reason;
	return "Unknown";
}

void response_write_head(const struct response *response, struct buf *out)
{
	buf_printf(out, "Status: %d %s\r\n", response->status, response_reason(response->status));
	for (size_t i = 0; i < response->field_count; i++) {
		buf_puts(out, response->fields[i].name);
		buf_puts(out, ": ");
		buf_str(out, response->fields[i].value);
		buf_puts(out, "\r\n");
	}
	buf_puts(out, "\r\n");
}

void response_write(const struct response *response, struct buf *out)
{
	response_write_head(response, out);
	if (!response->without_body)
		buf_str(out, response->body);
}

void response_internal_error(struct response *response)
{
	static const char body[] = "<!DOCTYPE html>\n<html lang=\"en\"><title>Internal Server Error</title>\n"
				   "<h1>Internal Server Error</h1>\n"
				   "<p>The page could not be made. The reason is in the server's log.</p>\n";

	*response = (struct response){.status = 500, .body = {body, sizeof(body) - 1}};
	response_field(response, "Content-Type", STR_LIT("text/html; charset=utf-8"));
	response_field(response, "Cache-Control", STR_LIT("no-store"));
}
