// The bytes of an answer before its body.
#pragma once

#include <optional>
#include <string>

#include "http/message.h"

namespace yagura::server {

// How the end of the body is known (RFC 9112, 6.3).
struct Framing {
    std::optional<size_t> length;  // else:
    bool chunked = false;          // else by the end of the connection
    bool keep_alive = false;
    bool is_http10 = false;
};

// Status line and fields, with the empty line. `common` are fields of every answer; those of the
// response itself come first, and a name is only written once unless it is Set-Cookie. A field that
// holds a line end is left out: it would begin another.
std::string response_head(const http::Response& response,
                          const Framing& framing,
                          const http::Pairs& common);

// The sizes around one chunk of a chunked body; an empty one would end it.
std::string chunk_begin(size_t size);
constexpr std::string_view kChunkEnd = "\r\n";
constexpr std::string_view kLastChunk = "0\r\n\r\n";

// Answers of these statuses have no body, whatever the response says.
bool has_no_body(int status);

}  // namespace yagura::server
