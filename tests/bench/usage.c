/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * Runs a program and says what it used: bench.py starts everything it measures through this.
 *
 * usage: usage FILE PROGRAM [ARG...]
 * Writes "USER SYSTEM PEAK" to FILE: microseconds, microseconds, KiB. Exits as the program did,
 * 125 if it could not be run or measured, 126 if a signal ended it.
 *
 * A program of its own, because the kernel counts the peak of the process image before exec(2) to
 * the program as well: started from Python, everything below Python's own size would look alike.
 */

#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>

extern char **environ;

static long long usage_microseconds(struct timeval time) {
	return (long long)time.tv_sec * 1000000 + (long long)time.tv_usec;
}

int main(int argc, char **argv) {
	if (argc < 3) {
		fputs("usage: usage FILE PROGRAM [ARG...]\n", stderr);
		return 125;
	}
	pid_t pid;
	int status = 0;
	struct rusage used;
	errno = posix_spawn(&pid, argv[2], NULL, NULL, argv + 2, environ);
	if (errno != 0 || waitpid(pid, &status, 0) != pid || getrusage(RUSAGE_CHILDREN, &used) != 0) {
		perror(argv[2]);
		return 125;
	}
	FILE *file = fopen(argv[1], "w");
	if (file == NULL) {
		perror(argv[1]);
		return 125;
	}
	int wrote = fprintf(file, "%lld %lld %ld\n", usage_microseconds(used.ru_utime),
						usage_microseconds(used.ru_stime), used.ru_maxrss);
	if (fclose(file) != 0 || wrote < 0) {
		perror(argv[1]);
		return 125;
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : 126;
}
