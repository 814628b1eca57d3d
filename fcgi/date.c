/* date.c: dates as text and as seconds since the epoch.
 *
 * In:  front matter dates, HTTP date headers.   Out: int64_t seconds, or text.
 * Calendar arithmetic is done here, not by the C library: strptime, mktime and
 * strftime look at the process's locale and time zone.  Names of zones ("CEST")
 * are read over, never looked up: only the number before them counts.
 * Spec: RFC 3339 §5.6, RFC 9110 §5.6.7.
 */
#include "date.h"

enum { DAY = 86400 };

static const char MONTHS[12][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
				   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
static const char *const WEEKDAYS[7] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
					"Thursday", "Friday", "Saturday"};

/* The first and the last second of the years 0001 to 9999. */
static const int64_t EARLIEST = -62135596800, LATEST = 253402300799;

/* Years are counted from March, so that the leap day ends one; 400 of them
 * have 146097 days; 719468 days lie between 0000-03-01 and 1970-01-01. */
static int64_t days_from_date(int64_t year, int month, int day)
{
	int64_t y = month > 2 ? year : year - 1;
	int64_t era = (y >= 0 ? y : y - 399) / 400;
	int64_t of_era = y - era * 400;
	int64_t of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;

	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

int64_t date_join(const struct date *date)
{
	return days_from_date(date->year, date->month, date->day) * DAY +
	       (int64_t)date->hour * 3600 + (int64_t)date->minute * 60 + date->second;
}

struct date date_split(int64_t seconds)
{
	if (seconds < EARLIEST)
		seconds = EARLIEST;
	if (seconds > LATEST)
		seconds = LATEST;
	/* from 0000-03-01, before all that is in range: no negative quotients */
	int64_t days = (seconds + 719468LL * DAY) / DAY;
	int clock = (int)((seconds + 719468LL * DAY) % DAY);
	int of_era = (int)(days % 146097);
	int year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	int of_year = of_era - (365 * year + year / 4 - year / 100);
	int month = (5 * of_year + 2) / 153;

	return (struct date){
		.year = (int)(days / 146097) * 400 + year + (month > 9),
		.month = month < 10 ? month + 3 : month - 9,
		.day = of_year - (153 * month + 2) / 5 + 1,
		.hour = clock / 3600,
		.minute = clock / 60 % 60,
		.second = clock % 60,
		.weekday = (int)((days + 3) % 7), /* 0000-03-01 was a Wednesday */
	};
}

static bool in_range(const struct date *date)
{
	static const char lengths[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	int y = date->year;
	bool leap = y % 4 == 0 && (y % 100 != 0 || y % 400 == 0);

	if (y < 1 || y > 9999 || date->month < 1 || date->month > 12)
		return false;
	int last = lengths[date->month - 1] + (leap && date->month == 2);
	return date->day >= 1 && date->day <= last && date->hour <= 23 && date->minute <= 59 &&
	       date->second <= 59;
}

/* The take_ functions take something off the front of *s, or return false. */

static bool take_number(struct str *s, size_t digits, int *number)
{
	int n = 0;

	if (s->n < digits)
		return false;
	for (size_t i = 0; i < digits; i++) {
		if (!ascii_digit(s->p[i]))
			return false;
		n = n * 10 + (s->p[i] - '0');
	}
	*s = str_skip(*s, digits);
	*number = n;
	return true;
}

static bool take(struct str *s, const char *literal)
{
	if (!str_starts(*s, literal))
		return false;
	*s = str_skip(*s, strlen(literal));
	return true;
}

/* One character of `set`. */
static bool take_any(struct str *s, const char *set)
{
	if (!s->n || !s->p[0] || !strchr(set, s->p[0]))
		return false;
	*s = str_skip(*s, 1);
	return true;
}

static bool take_month(struct str *s, int *month)
{
	for (int i = 0; i < 12; i++) {
		if (take(s, MONTHS[i])) {
			*month = i + 1;
			return true;
		}
	}
	return false;
}

/* "Sun", or with `whole` "Sunday".  That it is the day of that date is not
 * asked: RFC 9110 does not say what a recipient does when it is not. */
static bool take_weekday(struct str *s, bool whole)
{
	for (int i = 0; i < 7; i++) {
		struct str name = str_head(str_from(WEEKDAYS[i]), whole ? SIZE_MAX : 3);
		if (str_eq(str_head(*s, name.n), name)) {
			*s = str_skip(*s, name.n);
			return true;
		}
	}
	return false;
}

static bool take_clock(struct str *s, struct date *date)
{
	return take_number(s, 2, &date->hour) && take(s, ":") &&
	       take_number(s, 2, &date->minute) && take(s, ":") &&
	       take_number(s, 2, &date->second);
}

/* "10:30", "10:30:00", "10:30:00.5"; the fraction is dropped. */
static bool take_time(struct str *s, struct date *date)
{
	int digit;

	if (!take_number(s, 2, &date->hour) || !take(s, ":") || !take_number(s, 2, &date->minute))
		return false;
	if (!take(s, ":"))
		return true;
	if (!take_number(s, 2, &date->second))
		return false;
	if (!take(s, "."))
		return true;
	if (!take_number(s, 1, &digit))
		return false;
	while (take_number(s, 1, &digit))
		;
	return true;
}

/* " CEST", as Go and date(1) write it after the offset. */
static bool take_zone_name(struct str *s)
{
	size_t n = 1;

	while (n < s->n && ascii_alpha(s->p[n]))
		n++;
	if (s->p[0] != ' ' || n < 3 || n > 6)
		return false;
	*s = str_skip(*s, n);
	return true;
}

/* All that may follow the time, to the end of the text. */
static bool take_zone(struct str *s, int *offset)
{
	int hours, minutes = 0;

	*offset = 0;
	if (!s->n || take_any(s, "Zz") || take(s, " UTC"))
		return !s->n;
	take(s, " ");
	bool west = s->n && s->p[0] == '-';
	if (!take_any(s, "+-") || !take_number(s, 2, &hours))
		return false;
	if (take(s, ":") || (s->n && ascii_digit(s->p[0])))
		if (!take_number(s, 2, &minutes))
			return false;
	if (hours > 23 || minutes > 59)
		return false;
	*offset = (hours * 60 + minutes) * (west ? -60 : 60);
	return !s->n || (take_zone_name(s) && !s->n);
}

int date_parse(struct str text, int64_t *seconds)
{
	struct date date = {0};
	int offset = 0;

	if (!take_number(&text, 4, &date.year))
		return -1;
	const char *separator = str_starts(text, "/") ? "/" : "-";
	if (!take(&text, separator) || !take_number(&text, 2, &date.month) ||
	    !take(&text, separator) || !take_number(&text, 2, &date.day))
		return -1;
	if (text.n)
		if (!take_any(&text, "Tt ") || !take_time(&text, &date) ||
		    !take_zone(&text, &offset))
			return -1;
	if (!in_range(&date))
		return -1;
	int64_t result = date_join(&date) - offset;
	if (result < EARLIEST || result > LATEST)
		return -1;
	*seconds = result;
	return 0;
}

/* RFC 9110 §5.6.7: more than 50 years ahead means the past.  So the year is
 * the last one with these two digits that is not further ahead. */
static int whole_year(struct date date, int64_t now)
{
	struct date limit = date_split(now);

	limit.year += 50;
	int year = limit.year - (limit.year % 100 - date.year + 100) % 100;
	date.year = year;
	return year > 9999 || date_join(&date) > date_join(&limit) ? year - 100 : year;
}

/* "06 Nov 1994 08:49:37 GMT" */
static bool take_fixdate(struct str *s, struct date *date)
{
	return take_number(s, 2, &date->day) && take(s, " ") && take_month(s, &date->month) &&
	       take(s, " ") && take_number(s, 4, &date->year) && take(s, " ") &&
	       take_clock(s, date) && take(s, " GMT");
}

/* "06-Nov-94 08:49:37 GMT" */
static bool take_rfc850(struct str *s, struct date *date)
{
	return take_number(s, 2, &date->day) && take(s, "-") && take_month(s, &date->month) &&
	       take(s, "-") && take_number(s, 2, &date->year) && take(s, " ") &&
	       take_clock(s, date) && take(s, " GMT");
}

/* "Nov  6 08:49:37 1994" */
static bool take_asctime(struct str *s, struct date *date)
{
	if (!take_month(s, &date->month) || !take(s, " "))
		return false;
	size_t digits = take(s, " ") ? 1 : 2;
	return take_number(s, digits, &date->day) && take(s, " ") && take_clock(s, date) &&
	       take(s, " ") && take_number(s, 4, &date->year);
}

int date_parse_http(struct str text, int64_t now, int64_t *seconds)
{
	struct date date = {0};
	bool good = false;

	if (take_weekday(&text, true)) {
		good = take(&text, ", ") && take_rfc850(&text, &date);
		if (good)
			date.year = whole_year(date, now);
	} else if (take_weekday(&text, false)) {
		if (take(&text, ", "))
			good = take_fixdate(&text, &date);
		else
			good = take(&text, " ") && take_asctime(&text, &date);
	}
	if (!good || text.n || !in_range(&date))
		return -1;
	*seconds = date_join(&date);
	return 0;
}

/* Writes `number` with leading zeros and returns the place after it. */
static char *put_number(char *at, int digits, int number)
{
	for (int i = digits; i-- > 0; number /= 10)
		at[i] = (char)('0' + number % 10);
	return at + digits;
}

static char *put_clock(char *at, const struct date *date)
{
	at = put_number(at, 2, date->hour);
	*at++ = ':';
	at = put_number(at, 2, date->minute);
	*at++ = ':';
	return put_number(at, 2, date->second);
}

void date_format_iso(int64_t seconds, char out[DATE_ISO_SIZE])
{
	struct date date = date_split(seconds);
	char *at = put_number(out, 4, date.year);

	*at++ = '-';
	at = put_number(at, 2, date.month);
	*at++ = '-';
	at = put_number(at, 2, date.day);
	*at++ = 'T';
	at = put_clock(at, &date);
	memcpy(at, "Z", 2);
}

void date_format_http(int64_t seconds, char out[DATE_HTTP_SIZE])
{
	struct date date = date_split(seconds);
	char *at = mempcpy(out, WEEKDAYS[date.weekday], 3);

	at = put_number(mempcpy(at, ", ", 2), 2, date.day);
	*at++ = ' ';
	at = put_number(mempcpy(mempcpy(at, MONTHS[date.month - 1], 3), " ", 1), 4, date.year);
	*at++ = ' ';
	memcpy(put_clock(at, &date), " GMT", 5);
}
