/*
 * Loaded into the coordinator before all other libraries (LD_PRELOAD): makes its disk slow, lets its syncs fail, or
 * refuses its writes, as long as the file named by TORTURE_DISK_CONTROL says so. Only files below TORTURE_DISK_FOLDER
 * are touched. The control file holds three 32-bit numbers: milliseconds that a sync takes longer, the errno of a sync,
 * the errno of a write; 0 means as usual. The file is mapped, so that a change counts at once.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

struct control {
  volatile int sync_delay_ms;
  volatile int sync_errno;
  volatile int write_errno;
};

static struct control idle;
static struct control *control = &idle;
static const char *folder = "";

__attribute__((constructor)) static void open_control(void) {
  const char *path = getenv("TORTURE_DISK_CONTROL");
  const char *below = getenv("TORTURE_DISK_FOLDER");
  if (path == NULL || below == NULL) return;
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return;
  void *mapped = mmap(NULL, sizeof(struct control), PROT_READ, MAP_SHARED, fd, 0);
  close(fd);
  if (mapped == MAP_FAILED) return;
  folder = below;
  control = mapped;
}

static int is_ours(int fd) {
  char link[64], path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 0) return 0;
  path[length] = '\0';
  return strncmp(path, folder, strlen(folder)) == 0;
}

static int refused(int fd, int with) {
  if (with == 0 || !is_ours(fd)) return 0;
  errno = with;
  return 1;
}

static void delay(int fd) {
  int ms = control->sync_delay_ms;
  if (ms <= 0 || !is_ours(fd)) return;
  struct timespec time = {ms / 1000, (ms % 1000) * 1000000L};
  nanosleep(&time, NULL);
}

int fdatasync(int fd) {
  delay(fd);
  if (refused(fd, control->sync_errno)) return -1;
  return (int)syscall(SYS_fdatasync, fd);
}

int fsync(int fd) {
  delay(fd);
  if (refused(fd, control->sync_errno)) return -1;
  return (int)syscall(SYS_fsync, fd);
}

ssize_t write(int fd, const void *bytes, size_t count) {
  if (refused(fd, control->write_errno)) return -1;
  return syscall(SYS_write, fd, bytes, count);
}

ssize_t pwrite64(int fd, const void *bytes, size_t count, off64_t at) {
  if (refused(fd, control->write_errno)) return -1;
  return syscall(SYS_pwrite64, fd, bytes, count, at);
}

ssize_t pwrite(int fd, const void *bytes, size_t count, off_t at) { return pwrite64(fd, bytes, count, at); }
