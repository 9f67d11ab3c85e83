// Waits for the sockets of a multi handle with epoll, and lets libcurl work on those that are ready. With curl_multi_perform
// and curl_multi_poll every turn costs a system call for each transfer under way, whether or not anything has come for it.
#ifndef CCURL_POLLER_H
#define CCURL_POLLER_H
#include <curl/curl.h>
#include <stdbool.h>

typedef struct ccurl_poller ccurl_poller;

// NULL when the system has no descriptor left; the functions below take that for one that waits for nothing. Until it is freed, the multi handle is its: nobody else may set the handle's
// callbacks. Only ccurl_poller_wake may be called from another thread.
ccurl_poller *ccurl_poller_new(CURLM *multi);
void ccurl_poller_free(ccurl_poller *poller);

// Whether libcurl has asked to be called by now.
bool ccurl_poller_is_due(const ccurl_poller *poller);

// One turn: waits for at most so many milliseconds, or until libcurl has to be called, or until it is woken.
void ccurl_poller_turn(ccurl_poller *poller, int timeout);
void ccurl_poller_wake(ccurl_poller *poller);
#endif
