// GET /places: where addresses are and whose they are. It says nothing of the lake: anybody who is
// signed in may ask about any address.
#include <algorithm>

#include "api/people_json.h"
#include "api/place_json.h"
#include "base/messages/api.h"
#include "base/text.h"

namespace yagura::api {
namespace {

constexpr size_t kMostAddresses = 200;

// What the answers come from, and how old it is: publishers ask to be named.
void write_sources(std::string& out, const Call& call) {
    JsonList sources(out);
    if (call.services.geo) {
        for (const enrich::GeoSource& source : call.services.geo->sources()) {
            JsonObject row(sources.next());
            write_text(row, out, "title", source.title);
            write_time(row, "built", source.built);
            if (!source.problem.empty()) {
                const bool is_administrator = call.who.role == Role::admin;
                row.text("problem", source.problem);
                if (is_administrator) row.text("file", source.file.string());
            }
            row.close();
        }
    }
    sources.close();
}

Result<http::Response> list_places(Call& call) {
    std::vector<std::string_view> addresses;
    for (const auto& [name, value] : call.request.parameters) {
        if (name != "address") continue;
        for (const std::string_view address : split(value, ',')) addresses.push_back(address);
    }
    if (addresses.size() > kMostAddresses)
        return fail(Code::invalid, say(message::api_many_addresses, kMostAddresses));
    std::string out = "{\"items\":";
    JsonList items(out);
    for (const std::string_view address : addresses) {
        const auto place = place_of(call, address);
        if (!place) continue;
        JsonObject row(items.next());
        row.text("address", address);
        row.key("place");
        write_place(out, *place);
        row.close();
    }
    items.close();
    out += ",\"sources\":";
    write_sources(out, call);
    return private_json(out + "}");
}

// clang-format off
constexpr Parameter kParameters[] = {
    {.name = "address", .title = {"up to 200 addresses with commas between; what is none is left out", "IP アドレス（カンマ区切りで 200 個まで。アドレスでないものは無視）"}},
};
constexpr Route kRoutes[] = {
    {.method = Method::get, .path = "/places", .role = Role::viewer,
     .summary = {"Country, city, autonomous system and kind of addresses", "IP アドレスの国・都市・AS・種別"},
     .parameters = kParameters, .answer = "Places", .handle = list_places},
};
// clang-format on

}  // namespace

extern const Resource places;
const Resource places{"places", kRoutes};

}  // namespace yagura::api
