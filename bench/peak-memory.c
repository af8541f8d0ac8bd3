/*
 * Runs a program and prints how much memory it had at most, in KiB: ru_maxrss of wait4(2). A small program has to start it, because
 * what whoever starts it had counts too until execve(2).
 *
 *     peak-memory PROGRAM [ARGUMENT…]
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int count, char **words)
{
	struct rusage usage;
	int status, null;
	pid_t child;

	if (count < 2) {
		fprintf(stderr, "usage: peak-memory PROGRAM [ARGUMENT...]\n");
		return 2;
	}
	child = fork();
	if (child < 0) {
		perror("fork");
		return 1;
	}
	if (child == 0) {
		null = open("/dev/null", O_WRONLY | O_CLOEXEC);
		if (null < 0 || dup2(null, STDOUT_FILENO) < 0) {
			perror("/dev/null");
			_exit(126);
		}
		execv(words[1], words + 1);
		perror(words[1]);
		_exit(127);
	}
	if (wait4(child, &status, 0, &usage) < 0) {
		perror("wait4");
		return 1;
	}
	printf("%ld\n", usage.ru_maxrss);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
