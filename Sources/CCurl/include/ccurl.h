// libcurl's option setters are variadic, which Swift cannot call: one inline function for each type of argument.
#ifndef CCURL_H
#define CCURL_H
#include <curl/curl.h>

static inline CURLcode ccurl_set_long(CURL *easy, CURLoption option, long value) {
    return curl_easy_setopt(easy, option, value);
}
#endif
