/* test_metrics.c: what is counted, by several processes at once, and how it reads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "view_metrics.h"

static struct metrics *metrics;

static int set_up(void **state)
{
	(void)state;
	return (metrics = metrics_new(1500000000)) ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	metrics_free(metrics);
	return 0;
}

static void count(int status, uint64_t microseconds)
{
	metrics_request(metrics, &(struct metrics_request){
		.status = status, .format = METRICS_JSON, .cache = METRICS_CACHE_HIT,
		.microseconds = microseconds, .bytes = 10});
}

static void classes_of_status(void **state)
{
	static const struct {
		int status, class;
	} cases[] = {{200, 0}, {301, 1}, {304, 1}, {404, 2}, {500, 3}, {599, 3}, {0, 3}, {100, 3}, {999, 3}, {-1, 3}};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint64_t before = metrics->requests[cases[i].class][METRICS_JSON];
		count(cases[i].status, 0);
		assert_int_equal(metrics->requests[cases[i].class][METRICS_JSON], before + 1);
	}
}

/* A bound belongs to its bucket. */
static void buckets(void **state)
{
	(void)state;
	for (int i = 0; i < METRICS_BUCKETS; i++) {
		count(200, metrics_bounds[i]);
		count(200, metrics_bounds[i] + 1);
	}
	assert_int_equal(metrics->durations[0], 1);
	for (int i = 1; i < METRICS_BUCKETS; i++)
		assert_int_equal(metrics->durations[i], 2);
	assert_int_equal(metrics->durations[METRICS_BUCKETS], 1);
	assert_int_equal(metrics->bytes, 10 * 2 * METRICS_BUCKETS);
}

static void nobody_counts_for_a_process_alone(void **state)
{
	(void)state;
	metrics_request(NULL, &(struct metrics_request){.status = 200});
	metrics_dropped(NULL);
	metrics_refresh(NULL, METRICS_CHANGED, 1);
	metrics_state(NULL, METRICS_IDLE, 1);
	metrics_give_slot(NULL);
	assert_null(metrics_take_slot(NULL));
}

static void processes_lose_no_count(void **state)
{
	enum { PROCESSES = 4, EACH = 20000 };

	(void)state;
	for (int i = 0; i < PROCESSES; i++) {
		pid_t pid = fork();
		assert_true(pid >= 0);
		if (pid)
			continue;
		for (int k = 0; k < EACH; k++)
			count(200, 1);
		_exit(0);
	}
	for (int i = 0; i < PROCESSES; i++)
		wait(NULL);
	assert_int_equal(metrics->requests[0][METRICS_JSON], PROCESSES * EACH);
	assert_int_equal(metrics->microseconds, PROCESSES * EACH);
}

static void slots(void **state)
{
	struct metrics_slot *taken[METRICS_SLOTS];
	unsigned counts[METRICS_STATES];

	(void)state;
	for (int i = 0; i < METRICS_SLOTS; i++)
		assert_non_null(taken[i] = metrics_take_slot(metrics));
	assert_null(metrics_take_slot(metrics));
	metrics_state(taken[0], METRICS_IDLE, 5);
	metrics_state(taken[1], METRICS_BUSY, 6);
	metrics_state(taken[2], METRICS_BUSY, 6);
	atomic_store(&taken[2]->state, METRICS_LEAVING);
	metrics_state(taken[2], METRICS_IDLE, 7); /* it goes on leaving */
	metrics_count_states(metrics, counts);
	assert_int_equal(counts[METRICS_STARTING], METRICS_SLOTS - 3);
	assert_int_equal(counts[METRICS_IDLE], 1);
	assert_int_equal(counts[METRICS_BUSY], 1);
	assert_int_equal(counts[METRICS_LEAVING], 1);
	metrics_give_slot(taken[2]);
	assert_ptr_equal(metrics_take_slot(metrics), taken[2]);
	assert_int_equal(taken[2]->state, METRICS_STARTING);
}

static void reads_as_text(void **state)
{
	static const struct view_metrics_posts posts[] = {{"en", 3}, {"pt-BR", 0}};
	const struct view_metrics_index index = {
		.generation = 0xab, .refreshed = 100, .now = 107, .posts = posts, .language_count = 2, .warnings = 4};
	static const char *const lines[] = {
		"\ncartolina_build_info{version=\"" CARTOLINA_VERSION "\"} 1\n",
		"\ncartolina_index_info{generation=\"00000000000000ab\"} 1\n",
		"\ncartolina_index_age_seconds 7\n",
		"\ncartolina_posts{lang=\"pt-BR\"} 0\n",
		"\ncartolina_problems{level=\"warning\"} 4\n",
		"\ncartolina_requests_total{class=\"2xx\",format=\"json\"} 2\n",
		"\ncartolina_requests_total{class=\"5xx\",format=\"feed\"} 0\n",
		"\ncartolina_request_duration_seconds_bucket{le=\"0.0001\"} 1\n",
		"\ncartolina_request_duration_seconds_bucket{le=\"5\"} 1\n",
		"\ncartolina_request_duration_seconds_bucket{le=\"+Inf\"} 2\n",
		"\ncartolina_request_duration_seconds_sum 7.000001\n",
		"\ncartolina_request_duration_seconds_count 2\n",
		"\ncartolina_cache_requests_total{verdict=\"hit\"} 2\n",
		"\ncartolina_refresh_duration_seconds_sum 0.250000\n",
		"\ncartolina_start_time_seconds 1500000000\n",
	};
	struct buf out = BUF_EMPTY;

	(void)state;
	count(200, 1);
	count(200, 7000000);
	metrics_refresh(metrics, METRICS_FAILED, 250000);
	view_metrics(metrics, &index, &out);
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		if (!strstr(buf_z(&out), lines[i]))
			fail_msg("%s is not in\n%s", lines[i], buf_z(&out));
	buf_reset(&out);
	view_metrics(NULL, &index, &out);
	assert_null(strstr(buf_z(&out), "requests"));
	assert_non_null(strstr(buf_z(&out), "cartolina_posts"));
	buf_reset(&out);
	view_metrics(NULL, &(struct view_metrics_index){.now = 5}, &out); /* in memory */
	assert_null(strstr(buf_z(&out), "index_age"));
	buf_release(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(classes_of_status, set_up, tear_down),
		cmocka_unit_test_setup_teardown(buckets, set_up, tear_down),
		cmocka_unit_test(nobody_counts_for_a_process_alone),
		cmocka_unit_test_setup_teardown(processes_lose_no_count, set_up, tear_down),
		cmocka_unit_test_setup_teardown(slots, set_up, tear_down),
		cmocka_unit_test_setup_teardown(reads_as_text, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
