/* command_get.c: get and explain, a request made by hand.
 *
 * Plays the web server: splits the address, decodes the path once, and turns
 * header fields into CGI variables.
 */
#include "command.h"

#include "log.h"
#include "request.h"
#include "respond.h"
#include "response.h"
#include "site.h"
#include "uri.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { HEADERS = 100 };

struct variable {
	const char *name, *value;
};

struct asked {
	struct arena arena;
	const char *method;
	struct variable variables[HEADERS];
	size_t count;
};

static void set(struct asked *asked, const char *name, const char *value)
{
	if (asked->count < HEADERS)
		asked->variables[asked->count++] = (struct variable){name, value};
}

static const char *get(void *context, const char *name)
{
	const struct asked *asked = context;

	for (size_t i = 0; i < asked->count; i++)
		if (!strcmp(asked->variables[i].name, name))
			return asked->variables[i].value;
	return NULL;
}

/* "If-None-Match: x" -> HTTP_IF_NONE_MATCH (RFC 3875 §4.1.18). */
static int set_header(struct asked *asked, const char *line)
{
	const char *colon = strchr(line, ':');

	if (!colon || colon == line)
		return -1;
	struct str field = {line, (size_t)(colon - line)};
	char *name = arena_z(&asked->arena, arena_printf(&asked->arena, "HTTP_%.*s", STR_ARG(field)));
	for (char *c = name; *c; c++)
		*c = *c == '-' ? '_' : *c >= 'a' && *c <= 'z' ? (char)(*c - 32) : *c;
	set(asked, name, arena_z(&asked->arena, str_trim(str_from(colon + 1))));
	return 0;
}

static void set_address(struct asked *asked, const char *address)
{
	struct str whole = str_from(address), path;

	if (uri_has_scheme(whole)) {
		whole = str_skip(whole, str_find(whole, "://") + 3);
		whole = str_skip(whole, str_find_char(whole, '/'));
	}
	whole = str_head(whole, str_find_char(whole, '#'));
	struct str raw = str_head(whole, str_find_char(whole, '?'));
	struct str query = str_skip(whole, raw.n + 1);
	if (uri_decode(&asked->arena, raw, false, &path))
		path = STR_LIT("\x7f"); /* no path: request_read refuses it, as a server would */
	set(asked, "REQUEST_METHOD", asked->method);
	set(asked, "REMOTE_ADDR", "127.0.0.1");
	set(asked, "DOCUMENT_URI", path.n ? arena_z(&asked->arena, path) : "/");
	set(asked, "QUERY_STRING", arena_z(&asked->arena, query));
	set(asked, "REQUEST_URI", arena_z(&asked->arena, whole));
}

static int parse(struct asked *asked, int argc, char **argv)
{
	const char *address = NULL, *value;

	asked->method = "GET";
	for (int i = 1; i < argc; i++) {
		if ((value = command_option(argc, argv, &i, "-H"))) {
			if (set_header(asked, value))
				return command_usage(argv[0], "-H takes a header field, 'Name: value'");
		} else if ((value = command_option(argc, argv, &i, "-X"))) {
			asked->method = value;
		} else if (argv[i][0] == '-') {
			return command_usage(argv[0], "unknown option %s", argv[i]);
		} else if (address) {
			return command_usage(argv[0], "one address at a time");
		} else {
			address = argv[i];
		}
	}
	if (!address)
		return command_usage(argv[0], "which address? For example '/posts/x?lang=it'");
	set_address(asked, address);
	return 0;
}

/* Answers; the explanation is optional. */
static int answer(const struct command_context *context, struct asked *asked, struct response *response,
		  struct buf *explanation)
{
	struct config config;
	struct request request;
	struct site *site;
	struct buf err = BUF_EMPTY;

	if (command_config(context, &asked->arena, &config))
		return 1;
	if (site_open(&site, &config, SITE_REFRESH_SELF, &err)) {
		log_lines(buf_view(&err));
		buf_release(&err);
		return 1;
	}
	request_read(&asked->arena, &config, get, asked, time(NULL), &request);
	respond_explain(site, &request, &asked->arena, response, explanation);
	site_free(site);
	return 0;
}

static void explain(const struct response *response, struct buf *out)
{
	static const char *const shown[] = {"Location", "Content-Type", "Content-Language", "Content-Location",
					    "ETag", "Last-Modified", "Cache-Control"};

	buf_printf(out, "%-10s%d %s\n", "status", response->status, response_reason(response->status));
	for (size_t i = 0; i < sizeof(shown) / sizeof(shown[0]); i++) {
		struct str value = response_get(response, shown[i]);
		if (value.n)
			buf_printf(out, "          %s: %.*s\n", shown[i], STR_ARG(value));
	}
}

static int run(const struct command_context *context, int argc, char **argv, bool explained)
{
	struct asked asked = {0};
	struct response response;
	struct buf out = BUF_EMPTY;

	arena_init(&asked.arena, 0);
	int result = parse(&asked, argc, argv);
	if (!result)
		result = answer(context, &asked, &response, explained ? &out : NULL);
	if (!result) {
		if (explained)
			explain(&response, &out);
		else
			response_write(&response, &out);
		result = command_print(buf_view(&out));
	}
	buf_release(&out);
	arena_release(&asked.arena);
	return result;
}

int command_get(const struct command_context *context, int argc, char **argv)
{
	return run(context, argc, argv, false);
}

int command_explain(const struct command_context *context, int argc, char **argv)
{
	return run(context, argc, argv, true);
}
