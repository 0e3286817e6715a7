// Loaded into BlueZ's emulator (LD_PRELOAD). It asks the kernel for ciphers (AF_ALG) before anything else and ends where there are
// none, though neither scanning nor advertising uses them: it is given /dev/null. Its sockets, at a fixed place, go to $BTVIRT_FOLDER.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#define PLACE "/tmp/bt-server-"

int socket(int family, int type, int protocol) {
  if (family == AF_ALG) return open("/dev/null", O_RDWR | O_CLOEXEC);
  return ((int (*)(int, int, int))dlsym(RTLD_NEXT, "socket"))(family, type, protocol);
}

int bind(int fd, const struct sockaddr *address, socklen_t size) {
  if (address->sa_family == AF_ALG) return 0;
  struct sockaddr_un moved;
  const struct sockaddr_un *local = (const struct sockaddr_un *)address;
  if (address->sa_family == AF_UNIX && strncmp(local->sun_path, PLACE, strlen(PLACE)) == 0) {
    moved = (struct sockaddr_un){.sun_family = AF_UNIX};
    snprintf(moved.sun_path, sizeof moved.sun_path, "%s/%s", getenv("BTVIRT_FOLDER"), local->sun_path + strlen(PLACE));
    address = (const struct sockaddr *)&moved;
    size = sizeof moved;
  }
  return ((int (*)(int, const struct sockaddr *, socklen_t))dlsym(RTLD_NEXT, "bind"))(fd, address, size);
}

// It takes away what stood at that place before; somebody else's may stand there.
int unlink(const char *path) {
  if (strncmp(path, PLACE, strlen(PLACE)) == 0) return 0;
  return ((int (*)(const char *))dlsym(RTLD_NEXT, "unlink"))(path);
}
