/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "calendar.h"

/*
 * Days are counted in eras of 400 years of 146097 days that begin on March 1st, so that the leap
 * day is the last of its year.
 */
static const int64_t days_per_era = 146097;
static const int64_t days_before_1970 = 719468; /* from 0000-03-01 */

static int64_t floor_divide(int64_t number, int64_t by) {
	return number >= 0 ? number / by : -((by - 1 - number) / by);
}

int64_t calendar_seconds(calendar_time time) {
	int64_t year = time.year - (time.month <= 2);
	int64_t era = floor_divide(year, 400);
	int64_t year_of_era = year - era * 400;
	int month_from_march = (time.month + 9) % 12;
	int64_t day_of_year = (153 * month_from_march + 2) / 5 + time.day - 1;
	int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
	int64_t days = era * days_per_era + day_of_era - days_before_1970;
	return days * 86400 + time.hour * 3600 + time.minute * 60 + time.second;
}

calendar_time calendar_split(int64_t seconds) {
	int64_t days = floor_divide(seconds, 86400);
	int rest = (int)(seconds - days * 86400);
	days += days_before_1970;
	int64_t era = floor_divide(days, days_per_era);
	int64_t day_of_era = days - era * days_per_era;
	int64_t year_of_era =
		(day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
	int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	int month_from_march = (int)((5 * day_of_year + 2) / 153);
	calendar_time time = {
		.year = era * 400 + year_of_era,
		.month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9,
		.day = (int)(day_of_year - (153 * month_from_march + 2) / 5) + 1,
		.hour = rest / 3600,
		.minute = rest / 60 % 60,
		.second = rest % 60,
	};
	time.year += time.month <= 2;
	return time;
}

bool calendar_is_valid(calendar_time time) {
	if (time.month < 1 || time.month > 12 || time.day < 1 || time.hour < 0 || time.hour > 23 ||
		time.minute < 0 || time.minute > 59 || time.second < 0 || time.second > 59) {
		return false;
	}
	calendar_time back = calendar_split(calendar_seconds(time));
	return back.month == time.month && back.day == time.day;
}
