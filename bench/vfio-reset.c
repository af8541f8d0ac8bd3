/*
 * The floor that Bench.Host shows beside its resets: opens and closes functions through VFIO, each on a thread of its own and in a
 * container of its own, which is what the kernel has to do for each. Nothing is checked beforehand.
 *
 *     vfio-reset BDF…
 */
#include <fcntl.h>
#include <linux/vfio.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { MOST = 512 };

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static int open_group(const char *function)
{
	char path[128], target[256];
	ssize_t length;

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/iommu_group", function);
	length = readlink(path, target, sizeof(target) - 1);
	if (length < 0)
		die(path);
	target[length] = 0;
	snprintf(path, sizeof(path), "/dev/vfio/%s", strrchr(target, '/') + 1);
	return open(path, O_RDWR | O_CLOEXEC);
}

static void *reset(void *function)
{
	int container = open("/dev/vfio/vfio", O_RDWR | O_CLOEXEC);
	int group = open_group(function);
	int device;

	if (container < 0 || group < 0 || ioctl(group, VFIO_GROUP_SET_CONTAINER, &container) < 0 ||
	    ioctl(container, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU) < 0)
		die(function);
	device = ioctl(group, VFIO_GROUP_GET_DEVICE_FD, function);
	if (device < 0)
		die(function);
	close(device);
	close(group);
	close(container);
	return NULL;
}

int main(int argc, char **argv)
{
	pthread_t threads[MOST];

	if (argc < 2 || argc > MOST) {
		fprintf(stderr, "usage: vfio-reset BDF...\n");
		return 2;
	}
	for (int i = 1; i < argc; i++)
		if (pthread_create(&threads[i], NULL, reset, argv[i]))
			die("pthread_create");
	for (int i = 1; i < argc; i++)
		pthread_join(threads[i], NULL);
	return 0;
}
