// The C standard alone has no clocks that go on steadily.
#define _GNU_SOURCE
#include "ccurl_poller.h"
#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

struct ccurl_poller {
    CURLM *multi;
    int epoll;
    int wake;
    // When libcurl wants to be called, in milliseconds of the monotonic clock; -1 when it does not.
    int64_t deadline;
};

static int64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

static int watch(CURL *easy, curl_socket_t socket, int what, void *context, void *known) {
    ccurl_poller *poller = context;
    struct epoll_event event = {.data = {.fd = socket}};
    (void)easy;
    if (what & CURL_POLL_IN) event.events |= EPOLLIN;
    if (what & CURL_POLL_OUT) event.events |= EPOLLOUT;
    // A paused transfer is interested in nothing: epoll would go on telling of a peer that has hung up.
    if (event.events == 0) {
        epoll_ctl(poller->epoll, EPOLL_CTL_DEL, socket, &event);
        if (what != CURL_POLL_REMOVE) curl_multi_assign(poller->multi, socket, NULL);
        return 0;
    }
    int change = known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
    if (epoll_ctl(poller->epoll, change, socket, &event) != 0) {
        // The number was another socket's before.
        if (errno == ENOENT) epoll_ctl(poller->epoll, EPOLL_CTL_ADD, socket, &event);
        if (errno == EEXIST) epoll_ctl(poller->epoll, EPOLL_CTL_MOD, socket, &event);
    }
    if (!known) curl_multi_assign(poller->multi, socket, poller);
    return 0;
}

static int schedule(CURLM *multi, long milliseconds, void *context) {
    ccurl_poller *poller = context;
    (void)multi;
    poller->deadline = milliseconds < 0 ? -1 : now() + milliseconds;
    return 0;
}

ccurl_poller *ccurl_poller_new(CURLM *multi) {
    ccurl_poller *poller = malloc(sizeof *poller);
    if (!poller) return NULL;
    *poller = (ccurl_poller){
        .multi = multi, .epoll = epoll_create1(EPOLL_CLOEXEC), .wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK),
        .deadline = -1};
    struct epoll_event event = {.events = EPOLLIN, .data = {.fd = poller->wake}};
    if (poller->epoll < 0 || poller->wake < 0 || epoll_ctl(poller->epoll, EPOLL_CTL_ADD, poller->wake, &event) != 0) {
        ccurl_poller_free(poller);
        return NULL;
    }
    curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, watch);
    curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, poller);
    curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, schedule);
    curl_multi_setopt(multi, CURLMOPT_TIMERDATA, poller);
    return poller;
}

void ccurl_poller_free(ccurl_poller *poller) {
    if (!poller) return;
    if (poller->epoll >= 0) close(poller->epoll);
    if (poller->wake >= 0) close(poller->wake);
    free(poller);
}

bool ccurl_poller_is_due(const ccurl_poller *poller) {
    return poller && poller->deadline >= 0 && poller->deadline <= now();
}

void ccurl_poller_turn(ccurl_poller *poller, int timeout) {
    struct epoll_event events[128];
    int running;
    if (!poller) {
        poll(NULL, 0, timeout < 20 ? timeout : 20);
        return;
    }
    if (poller->deadline >= 0) {
        int64_t left = poller->deadline - now();
        if (left < timeout) timeout = left > 0 ? (int)left : 0;
    }
    int count = epoll_wait(poller->epoll, events, 128, timeout);
    for (int index = 0; index < count; index++) {
        int socket = events[index].data.fd;
        if (socket == poller->wake) {
            uint64_t times;
            // Empty already: then nobody has to be told.
            if (read(poller->wake, &times, sizeof times) < 0) continue;
            continue;
        }
        // Of an error libcurl finds out by itself: with nothing ready it looks at the socket.
        int ready = (events[index].events & EPOLLIN ? CURL_CSELECT_IN : 0)
                    | (events[index].events & EPOLLOUT ? CURL_CSELECT_OUT : 0);
        curl_multi_socket_action(poller->multi, socket, ready, &running);
    }
    if (ccurl_poller_is_due(poller)) {
        poller->deadline = -1;
        curl_multi_socket_action(poller->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    }
}

void ccurl_poller_wake(ccurl_poller *poller) {
    uint64_t once = 1;
    // Full: it is to be woken anyway.
    if (poller && write(poller->wake, &once, sizeof once) < 0) return;
}
