/*
 * The bare get that Bench.Host is compared with: one netlink socket, RTM_GETLINK of one interface with its VFs and their
 * counters, received into one big buffer.
 *
 *     netlink-get [-w] INTERFACE-INDEX
 *
 * For each number that comes in as a line it gets the link so often and prints the mean of nanoseconds per get, so that a
 * turn costs no start of a program. -w also walks the VFs by count, as any reader has to, and prints how many it found after the time.
 */
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

static char buffer[4 << 20];

struct request {
	struct nlmsghdr header;
	struct ifinfomsg link;
	struct rtattr mask_header;
	unsigned int mask;
};

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static long long now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

/* The list's own length wraps at 222 VFs; each entry's is right (net/core/rtnetlink.c, rtnl_fill_vf). */
static unsigned int walk(int length)
{
	struct nlmsghdr *message = (struct nlmsghdr *)buffer;
	char *at = (char *)NLMSG_DATA(message) + NLMSG_ALIGN(sizeof(struct ifinfomsg));
	char *end = buffer + length;
	unsigned int count = 0, found = 0;

	while (at + sizeof(struct rtattr) <= end) {
		struct rtattr *attribute = (struct rtattr *)at;
		int type = attribute->rta_type & NLA_TYPE_MASK;

		if (attribute->rta_len < sizeof(*attribute))
			break;
		if (type == IFLA_NUM_VF)
			count = *(unsigned int *)RTA_DATA(attribute);
		if (type == IFLA_VFINFO_LIST) {
			for (at += sizeof(*attribute); found < count && at < end; found++)
				at += RTA_ALIGN(((struct rtattr *)at)->rta_len);
			break;
		}
		at += RTA_ALIGN(attribute->rta_len);
	}
	return found;
}

static unsigned int get(int fd, const struct request *request, int walks)
{
	int length;

	if (send(fd, request, sizeof(*request), 0) < 0)
		die("send");
	length = recv(fd, buffer, sizeof(buffer), 0);
	if (length < 0)
		die("recv");
	if (((struct nlmsghdr *)buffer)->nlmsg_type != RTM_NEWLINK) {
		fprintf(stderr, "netlink-get: the kernel refused\n");
		exit(1);
	}
	return walks ? walk(length) : 0;
}

int main(int argc, char **argv)
{
	int walks = argc > 1 && strcmp(argv[1], "-w") == 0;
	unsigned int found = 0;
	int fd, times;
	struct request request = {
		.header = { .nlmsg_len = sizeof(request), .nlmsg_type = RTM_GETLINK, .nlmsg_flags = NLM_F_REQUEST },
		.mask_header = { .rta_len = RTA_LENGTH(sizeof(unsigned int)), .rta_type = IFLA_EXT_MASK },
		.mask = RTEXT_FILTER_VF,
	};

	if (argc - walks != 2) {
		fprintf(stderr, "usage: netlink-get [-w] INTERFACE-INDEX < TIMES\n");
		return 2;
	}
	request.link.ifi_index = atoi(argv[1 + walks]);
	fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
	if (fd < 0)
		die("socket");
	memset(buffer, 0, sizeof(buffer));
	while (scanf("%d", &times) == 1 && times > 0) {
		long long started = now();

		for (int i = 0; i < times; i++)
			found = get(fd, &request, walks);
		printf("%lld", (now() - started) / times);
		if (walks)
			printf(" %u", found);
		printf("\n");
		fflush(stdout);
	}
	return 0;
}
