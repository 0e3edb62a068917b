/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "wall.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	DAYS_LOOKED_AT = 400,
};

struct tm wall_at(const wall *wall, int64_t seconds) {
	time_t moment = (time_t)seconds;
	struct tm shown = {0};
	if (wall->utc) {
		gmtime_r(&moment, &shown);
	} else {
		localtime_r(&moment, &shown);
	}
	return shown;
}

int wall_slot(const struct tm *shown) {
	return shown->tm_hour * SLOTS_PER_HOUR + shown->tm_min / SLOT_MINUTES;
}

/* The moment that the clock shows this on that day, `days` after another; -1: it does not. */
static int64_t moment_of(const wall *wall, const struct tm *day, int days, int slot_of_day) {
	struct tm wanted = {.tm_year = day->tm_year,
						.tm_mon = day->tm_mon,
						.tm_mday = day->tm_mday + days,
						.tm_hour = slot_of_day / SLOTS_PER_HOUR,
						.tm_min = slot_of_day % SLOTS_PER_HOUR * SLOT_MINUTES,
						.tm_isdst = -1};
	time_t moment = wall->utc ? timegm(&wanted) : mktime(&wanted);
	struct tm shown = wall_at(wall, moment);
	return wall_slot(&shown) == slot_of_day ? (int64_t)moment : -1;
}

int64_t wall_next(const wall *wall, int64_t from, int slot_of_day, int week_day) {
	struct tm today = wall_at(wall, from);
	for (int days = 0; days < DAYS_LOOKED_AT; days++) {
		int64_t moment = moment_of(wall, &today, days, slot_of_day);
		if (moment >= from && (week_day < 0 || wall_at(wall, moment).tm_wday == week_day)) {
			return moment;
		}
	}
	return from;
}

slot wall_day_begin(const wall *wall, slot at) {
	struct tm shown = wall_at(wall, slot_start(at));
	int64_t moment = moment_of(wall, &shown, 0, 0);
	return moment < 0 || moment > slot_start(at) ? at : slot_of(moment);
}

slot wall_day_end(const wall *wall, slot at) {
	struct tm shown = wall_at(wall, slot_start(at));
	if (wall_slot(&shown) == 0) {
		return at;
	}
	int64_t moment = moment_of(wall, &shown, 1, 0);
	return moment < slot_start(at) ? at : slot_of(moment);
}

static void offset_of(const struct tm *shown, char out[16]) {
	long minutes = shown->tm_gmtoff / 60;
	snprintf(out, 16, "%c%02d:%02d", minutes < 0 ? '-' : '+', abs((int)minutes) / 60 % 24,
			 abs((int)minutes) % 60);
}

void wall_name(const wall *wall, int64_t seconds, char *out, size_t size) {
	struct tm shown = wall_at(wall, seconds);
	char offset[16];
	offset_of(&shown, offset);
	/* TZ can be anything: only names that are letters are shown. */
	const char *name = shown.tm_zone != NULL ? shown.tm_zone : "";
	size_t letters = strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");
	if (wall->utc || strcmp(name, "UTC") == 0) {
		snprintf(out, size, "UTC");
	} else if (letters > 0 && letters < 8 && name[letters] == '\0') {
		snprintf(out, size, "%s, UTC%s", name, offset);
	} else {
		snprintf(out, size, "UTC%s", offset);
	}
}

void wall_iso(const wall *wall, int64_t seconds, char *out, size_t size) {
	struct tm shown = wall_at(wall, seconds);
	char offset[16];
	char time[32];
	offset_of(&shown, offset);
	strftime(time, sizeof(time), "%Y-%m-%dT%H:%M:%S", &shown);
	snprintf(out, size, "%s%s", time, offset);
}
