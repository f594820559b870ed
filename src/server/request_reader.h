// The bytes of one request, checked and taken apart. No sockets.
//
//   RequestReader reader(limits);
//   const size_t used = reader.take(bytes);        // as they come; stops behind the request
//   if (reader.problem()) … answer problem->status and close …
//   else if (reader.is_done()) handle(reader.request());
//
// One reader reads one request. The grammar is Beast's; what it is lenient about is refused here.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/message.h"
#include "server/server.h"

namespace yagura::server {

// Why a request is refused: a status, and a sentence in the language the request asks for.
struct Problem {
    int status = 400;
    std::string sentence;
    std::string allow = {};  // methods, for 405
};

class RequestReader {
  public:
    RequestReader(const Limits& limits, const std::vector<std::string>& hosts);
    ~RequestReader();

    // How many of the bytes belong to this request. Give what it did not use again, with more.
    size_t take(std::string_view bytes);

    bool has_begun() const { return begun_; }
    bool has_head() const;
    bool is_done() const;
    const std::optional<Problem>& problem() const { return problem_; }
    // The client waits to be told to send the body ("Expect: 100-continue").
    bool expects_continue() const { return expects_continue_; }
    bool wants_keep_alive() const;
    bool is_http10() const;

    // Method, path, headers, once the head is there; body once done. `peer` and `is_secure` are the
    // caller's.
    http::Request& request() { return request_; }

  private:
    void check_head();
    void check_fields();
    void check_method();
    void check_target();
    void refuse(int status, std::string sentence);

    struct Parser;
    std::unique_ptr<Parser> parser_;
    const std::vector<std::string>& hosts_;
    http::Request request_;
    std::optional<Problem> problem_;
    bool begun_ = false;
    bool checked_ = false;
    bool expects_continue_ = false;
};

}  // namespace yagura::server
