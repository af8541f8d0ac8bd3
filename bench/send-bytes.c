/*
 * The bare server that Bench.Host compares a scrape with: answers each GET of /N with N bytes, one connection after another.
 *
 *     send-bytes
 *
 * Prints the port of 127.0.0.1 it listens on, and ends with its standard input.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static char body[16 << 20];

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static void put(int fd, const char *bytes, size_t length)
{
	while (length > 0) {
		ssize_t sent = send(fd, bytes, length, MSG_NOSIGNAL);

		if (sent <= 0)
			return;
		bytes += sent;
		length -= sent;
	}
}

static void answer(int fd)
{
	char request[4096], head[128];
	size_t had = 0, wanted;

	do {
		ssize_t got = recv(fd, request + had, sizeof(request) - 1 - had, 0);

		if (got <= 0)
			return;
		had += got;
		request[had] = 0;
	} while (!strstr(request, "\r\n\r\n") && had < sizeof(request) - 1);
	if (sscanf(request, "GET /%zu", &wanted) != 1 || wanted > sizeof(body))
		return;
	put(fd, head, snprintf(head, sizeof(head), "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\nConnection: close\r\n\r\n", wanted));
	put(fd, body, wanted);
}

int main(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t length = sizeof(address);
	int listener = socket(AF_INET, SOCK_STREAM, 0);
	struct pollfd both[] = { { .fd = 0, .events = POLLIN }, { .fd = listener, .events = POLLIN } };

	memset(body, 'a', sizeof(body));
	if (listener < 0 || bind(listener, (struct sockaddr *)&address, sizeof(address)) || listen(listener, 8)
	    || getsockname(listener, (struct sockaddr *)&address, &length))
		die("listen");
	printf("%d\n", ntohs(address.sin_port));
	fflush(stdout);
	while (poll(both, 2, -1) > 0 && !both[0].revents) {
		int fd = accept(listener, NULL, NULL);

		if (fd < 0)
			die("accept");
		answer(fd);
		close(fd);
	}
	return 0;
}
