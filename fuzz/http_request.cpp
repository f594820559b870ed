// What strangers can send to the console: the bytes of a request, its target, cookies, languages
// and the JSON of its body.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "expect.h"
#include "http/json.h"
#include "server/host_name.h"
#include "server/request_reader.h"

using namespace yagura;

namespace {

struct Read {
    bool is_done = false;
    bool is_refused = false;
    http::Request request;
};

// The whole text in steps of this many bytes.
Read read(std::string_view text, size_t step) {
    static const std::vector<std::string> kHosts = {"localhost"};
    static const server::Limits kLimits;
    server::RequestReader reader(kLimits, kHosts);
    size_t used = 0;
    for (size_t given = std::min(step, text.size()); !reader.problem() && !reader.is_done();) {
        used += reader.take(text.substr(used, given - used));
        if (given == text.size()) break;
        given = std::min(given + step, text.size());
    }
    YAGURA_EXPECT(used <= text.size());
    return {reader.is_done(), reader.problem().has_value(), std::move(reader.request())};
}

void use(const http::Request& request) {
    request.language();
    request.cookie("yagura_session");
    request.parameter("limit");
    if (!request.path.empty()) YAGURA_EXPECT(request.path.front() == '/');
    if (const auto json = http::Json::parse(request.body)) {
        json->text("name");
        json->texts("ids");
        json->integer("limit");
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const Read at_once = read(text, text.size() + 1);
    const Read in_steps = read(text, 1 + size % 7);
    YAGURA_EXPECT(at_once.is_done == in_steps.is_done || at_once.is_refused || in_steps.is_refused);
    if (at_once.is_done && in_steps.is_done) {
        YAGURA_EXPECT(at_once.request.path == in_steps.request.path);
        YAGURA_EXPECT(at_once.request.body == in_steps.request.body);
        YAGURA_EXPECT(at_once.request.headers == in_steps.request.headers);
    }
    use(at_once.request);
    http::Request target;
    http::read_target(text, target);
    if (const auto endpoint = server::read_endpoint(text))
        YAGURA_EXPECT(!endpoint->address.empty());
    if (const auto json = http::Json::parse(text)) json->members();
    return 0;
}
