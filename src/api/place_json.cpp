#include "api/place_json.h"

namespace yagura::api {

std::optional<enrich::Place> place_of(const Call& call, std::string_view address) {
    static const enrich::GeoBook kNoBook;
    if (!call.services.geo) return kNoBook.look(address);
    call.services.geo->refresh_if_due(call.services.now());
    return call.services.geo->look(address);
}

void write_place(std::string& out, const enrich::Place& place) {
    JsonObject row(out);
    const auto known = [&](std::string_view key, std::string_view text) {
        if (!text.empty()) row.text(key, text);
    };
    row.text("network", enrich::network_name(place.network));
    if (place.network != enrich::NetworkKind::global)
        row.text("network_title", enrich::network_title(place.network, language()));
    known("country", place.country);
    known("country_name", place.country_name.in(language()));
    known("city", place.city.in(language()));
    if (place.asn) row.number("asn", *place.asn);
    known("organisation", place.organisation);
    known("aws_service", place.aws_service);
    known("aws_region", place.aws_region);
    known("sentence", place.sentence(language()));
    row.close();
}

}  // namespace yagura::api
