/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "log_line.h"

#include "calendar.h"

#include <string.h>

enum {
	CLF_LENGTH = 26, /* 25/Nov/2026:02:10:33 +0900 */
	ISO_LENGTH = 19, /* 2026-11-25T02:10:33 */
	DAY_SECONDS = 86400,
};

/* 1995-01-01: no server that wrote these formats is older. */
static const int64_t oldest_believed = 788918400;

static bool is_digit(char byte) { return byte >= '0' && byte <= '9'; }

/* A number of `count` digits; -1 where there is none. */
static int digits(const char *text, int count) {
	int number = 0;
	for (int i = 0; i < count; i++) {
		if (!is_digit(text[i])) {
			return -1;
		}
		number = number * 10 + (text[i] - '0');
	}
	return number;
}

static int month_of(const char *text) {
	static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	for (int month = 0; month < 12; month++) {
		if (memcmp(names + 3 * month, text, 3) == 0) {
			return month + 1;
		}
	}
	return 0;
}

/* "+0900" -> seconds east of UTC. */
static bool zone_seconds(char sign, int hours, int minutes, int64_t *out) {
	if ((sign != '+' && sign != '-') || hours < 0 || hours > 15 || minutes < 0 || minutes > 59) {
		return false;
	}
	int64_t seconds = hours * 3600 + minutes * 60;
	*out = sign == '-' ? -seconds : seconds;
	return true;
}

/* A leap second belongs to the minute that it ends. */
static line_problem moment(calendar_time time, int64_t zone, int64_t *out) {
	time.second -= time.second == 60;
	if (time.year < 0 || !calendar_is_valid(time)) {
		return LINE_WRONG_TIME;
	}
	*out = calendar_seconds(time) - zone;
	return LINE_GOOD;
}

line_problem log_time_clf(const char *text, int64_t *out) {
	int64_t zone = 0;
	calendar_time time = {
		.day = digits(text, 2),
		.month = month_of(text + 3),
		.year = digits(text + 7, 4),
		.hour = digits(text + 12, 2),
		.minute = digits(text + 15, 2),
		.second = digits(text + 18, 2),
	};
	if (text[20] != ' ' ||
		!zone_seconds(text[21], digits(text + 22, 2), digits(text + 24, 2), &zone)) {
		return LINE_NO_ZONE;
	}
	return moment(time, zone, out);
}

/* What follows the seconds of an ISO 8601 time: a fraction, then "Z", "+09:00" or "+0900". */
static line_problem iso_zone(const char *text, size_t length, int64_t *out) {
	size_t at = 0;
	if (at < length && (text[at] == '.' || text[at] == ',')) {
		at++;
		while (at < length && is_digit(text[at])) {
			at++;
		}
	}
	const char *zone = text + at;
	size_t left = length - at;
	*out = 0;
	if (left == 1 && (zone[0] == 'Z' || zone[0] == 'z')) {
		return LINE_GOOD;
	}
	bool colon = left == 6 && zone[3] == ':';
	if ((left == 5 || colon) &&
		zone_seconds(zone[0], digits(zone + 1, 2), digits(zone + 3 + colon, 2), out)) {
		return LINE_GOOD;
	}
	return LINE_NO_ZONE;
}

static line_problem iso_time(const char *text, size_t length, int64_t *out) {
	int64_t zone = 0;
	calendar_time time = {
		.year = digits(text, 4),
		.month = digits(text + 5, 2),
		.day = digits(text + 8, 2),
		.hour = digits(text + 11, 2),
		.minute = digits(text + 14, 2),
		.second = digits(text + 17, 2),
	};
	line_problem problem = iso_zone(text + ISO_LENGTH, length - ISO_LENGTH, &zone);
	return problem == LINE_GOOD ? moment(time, zone, out) : problem;
}

/* The number of digits before the point says the unit: seconds of today have ten. */
static line_problem epoch_time(const char *text, size_t length, int64_t *out) {
	int64_t number = 0;
	size_t count = 0;
	while (count < length && count < 19 && is_digit(text[count])) {
		number = number * 10 + (text[count++] - '0');
	}
	size_t end = count;
	end += end < length && text[end] == '.';
	while (end < length && is_digit(text[end])) {
		end++;
	}
	if (end != length) {
		return LINE_WRONG_TIME;
	}
	for (size_t unit = count > 10 ? (count - 8) / 3 : 0; unit > 0; unit--) {
		number /= 1000;
	}
	*out = number;
	return LINE_GOOD;
}

line_problem log_time_any(const char *text, size_t length, int64_t *out) {
	if (length > 2 && text[0] == '[' && text[length - 1] == ']') {
		text++;
		length -= 2;
	}
	if (length == CLF_LENGTH && text[2] == '/' && text[6] == '/') {
		return log_time_clf(text, out);
	}
	if (length >= ISO_LENGTH && text[4] == '-' && text[7] == '-' &&
		(text[10] == 'T' || text[10] == ' ') && text[13] == ':' && text[16] == ':') {
		return iso_time(text, length, out);
	}
	return length > 0 && is_digit(text[0]) ? epoch_time(text, length, out) : LINE_WRONG_TIME;
}

void log_line_begin(log_line_reader *reader, int64_t now) {
	*reader = (log_line_reader){
		.oldest = slot_of(oldest_believed),
		.latest = slot_of(now + DAY_SECONDS),
	};
}

line_problem log_time_believe(const log_line_reader *reader, int64_t seconds, slot *out) {
	if (seconds < slot_start(reader->oldest)) {
		return LINE_TOO_OLD;
	}
	if (seconds >= slot_start(reader->latest + 1)) {
		return LINE_IN_FUTURE;
	}
	*out = slot_of(seconds);
	return LINE_GOOD;
}
