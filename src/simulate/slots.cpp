#include "simulate/slots.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include <fmt/format.h>

// How each thing is named. Names are built from few words in many combinations, as teams do it; ids
// follow the patterns of AWS (i- and 17 hexadecimal digits, AROA and 17 base-32 characters, …).
//
// A maker appends one value. For stock it runs when the world is built, otherwise for each event.

namespace yagura::simulate {
namespace {

using Words = std::string_view;

constexpr Words kTeams[] = {"checkout",
                            "orders",
                            "billing",
                            "search",
                            "catalog",
                            "identity",
                            "payments",
                            "shipping",
                            "notify",
                            "web",
                            "reports",
                            "ingest",
                            "fraud",
                            "support",
                            "mobile",
                            "media",
                            "inventory",
                            "partner"};
constexpr Words kParts[] = {"api",
                            "worker",
                            "batch",
                            "events",
                            "sync",
                            "frontend",
                            "cache",
                            "export",
                            "indexer",
                            "gateway",
                            "cron",
                            "stream"};
constexpr Words kData[] = {"assets",
                           "exports",
                           "backups",
                           "logs",
                           "uploads",
                           "artifacts",
                           "datalake",
                           "reports",
                           "invoices",
                           "raw",
                           "models",
                           "cdn"};
constexpr Words kPeople[] = {"a.sato",
                             "m.keller",
                             "j.okafor",
                             "l.moreau",
                             "k.tanaka",
                             "r.silva",
                             "e.novak",
                             "d.chen",
                             "h.lind",
                             "p.rossi",
                             "s.yamada",
                             "t.virtanen"};
constexpr Words kTypes[] = {"t3.medium",
                            "m6i.large",
                            "c6i.xlarge",
                            "t3.small",
                            "m6g.large",
                            "r6i.large",
                            "c7g.large",
                            "m5.xlarge"};

void append_number(std::string& out, uint64_t number) {
    char digits[20];
    const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
    out.append(digits, static_cast<size_t>(end - digits));
}

void append_two_words(std::string& out, Random& random) {
    out += random.pick_zipf(kTeams);
    out += '-';
    out += random.pick(kParts);
}

void append_id(std::string& out, Words prefix, Scene& scene) {
    out += prefix;
    append_hex(out, scene.random(), 16);
}

void append_date(std::string& out, Timestamp time) {
    using namespace std::chrono;
    constexpr Words kMonths[] = {
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const auto day = floor<days>(time);
    const year_month_day date(day);
    const hh_mm_ss clock(floor<seconds>(time - day));
    const auto hour = clock.hours().count();
    out += fmt::format("{} {}, {}, {}:{:02}:{:02} {}",
                       kMonths[static_cast<unsigned>(date.month()) - 1],
                       static_cast<unsigned>(date.day()),
                       static_cast<int>(date.year()),
                       hour % 12 == 0 ? 12 : hour % 12,
                       clock.minutes().count(),
                       clock.seconds().count(),
                       hour < 12 ? "AM" : "PM");
}

void make_instance(std::string& out, Scene& s) {
    append_id(out, "i-0", s);
}
void make_ami(std::string& out, Scene& s) {
    append_id(out, "ami-0", s);
}
void make_subnet(std::string& out, Scene& s) {
    append_id(out, "subnet-0", s);
}
void make_vpc(std::string& out, Scene& s) {
    append_id(out, "vpc-0", s);
}
void make_group(std::string& out, Scene& s) {
    append_id(out, "sg-0", s);
}
void make_interface(std::string& out, Scene& s) {
    append_id(out, "eni-0", s);
}
void make_volume(std::string& out, Scene& s) {
    append_id(out, "vol-0", s);
}
void make_snapshot(std::string& out, Scene& s) {
    append_id(out, "snap-0", s);
}
void make_launch_template(std::string& out, Scene& s) {
    append_id(out, "lt-0", s);
}
void make_new_instance(std::string& out, Scene& s) {
    append_id(out, "i-0", s);
}
void make_command(std::string& out, Scene& s) {
    append_uuid(out, s.random());
}

void make_function(std::string& out, Scene& s) {
    append_two_words(out, s.random());
    if (s.random().chance(0.5)) out += "-" + s.account().name;
}
void make_table(std::string& out, Scene& s) {
    out += s.account().name;
    out += '-';
    out += s.random().pick(kTeams);
}
void make_queue(std::string& out, Scene& s) {
    append_two_words(out, s.random());
    if (s.random().chance(0.3)) out += "-dlq";
}
void make_topic(std::string& out, Scene& s) {
    out += s.random().pick(kTeams);
    out += s.random().chance(0.5) ? "-alerts" : "-events";
}
void make_secret(std::string& out, Scene& s) {
    out += fmt::format("{}/{}/{}-",
                       s.account().name,
                       s.random().pick(kTeams),
                       s.random().chance(0.5) ? "db" : "api-token");
    append_alnum(out, s.random(), 6);
}
void make_parameter(std::string& out, Scene& s) {
    constexpr Words kNames[] = {
        "db/host", "db/password", "feature-flags", "api/url", "log-level", "smtp/password"};
    out += fmt::format(
        "/{}/{}/{}", s.account().name, s.random().pick(kTeams), s.random().pick(kNames));
}
void make_kms_key(std::string& out, Scene& s) {
    append_uuid(out, s.random());
}
void make_log_group(std::string& out, Scene& s) {
    out += s.random().chance(0.7) ? "/aws/lambda/" : "/aws/ecs/";
    append_two_words(out, s.random());
}
void make_cluster(std::string& out, Scene& s) {
    make_table(out, s);
}
void make_service(std::string& out, Scene& s) {
    append_two_words(out, s.random());
}
void make_repository(std::string& out, Scene& s) {
    out += s.random().pick(kTeams);
    out += '/';
    out += s.random().pick(kParts);
}
void make_database(std::string& out, Scene& s) {
    make_table(out, s);
    out += s.random().chance(0.5) ? "-aurora" : "-pg";
}
void make_scaling_group(std::string& out, Scene& s) {
    append_two_words(out, s.random());
    out += "-asg-";
    append_hex(out, s.random(), 8);
}
void make_alarm(std::string& out, Scene& s) {
    append_two_words(out, s.random());
    out += s.random().chance(0.5) ? "-5xx" : "-latency-p99";
}
void make_target_group(std::string& out, Scene& s) {
    out += "targetgroup/";
    append_two_words(out, s.random());
    out += '/';
    append_hex(out, s.random(), 16);
}
void make_balancer(std::string& out, Scene& s) {
    out += "app/";
    append_two_words(out, s.random());
    out += '/';
    append_hex(out, s.random(), 16);
}
void make_stack(std::string& out, Scene& s) {
    append_two_words(out, s.random());
    out += '/';
    append_uuid(out, s.random());
}
void make_pipeline(std::string& out, Scene& s) {
    out += s.random().pick(kTeams);
    out += "-deploy";
}
void make_bucket(std::string& out, Scene& s) {
    out +=
        fmt::format("{}-{}-{}-", s.account().name, s.random().pick(kTeams), s.random().pick(kData));
    append_hex(out, s.random(), 6);
}
void make_role(std::string& out, Scene& s) {
    append_two_words(out, s.random());
    out += s.random().chance(0.7) ? "-role" : "-" + s.account().name;
}
void make_user(std::string& out, Scene& s) {
    out += s.random().pick(kPeople);
}
void make_policy(std::string& out, Scene& s) {
    append_two_words(out, s.random());
    out += "-policy";
}
void make_distribution(std::string& out, Scene& s) {
    out += 'E';
    append_upper(out, s.random(), 13);
}
void make_trail(std::string& out, Scene& s) {
    out += s.account().name + "-data-events";
}
void make_detector(std::string& out, Scene& s) {
    append_hex(out, s.random(), 32);
}

// An S3 key: dated partitions, hashed assets, dumps, uploads of people.
void make_key(std::string& out, Scene& s) {
    Random& random = s.random();
    const std::string day = format_day(s.time() - std::chrono::days(random.zipf(30)));
    switch (random.zipf(5)) {
        case 0:
            out += fmt::format(
                "{}/dt={}/part-{:05}-", random.pick_zipf(kTeams), day, random.below(64));
            append_uuid(out, random);
            out += ".c000.snappy.parquet";
            return;
        case 1:
            out += "static/";
            append_hex(out, random, 2);
            out += '/';
            append_hex(out, random, 20);
            out += random.chance(0.6) ? ".webp" : random.chance(0.5) ? ".js" : ".css";
            return;
        case 2:
            out += fmt::format("uploads/{}/", random.below(90'000) + 10'000);
            append_uuid(out, random);
            out += random.chance(0.7) ? ".pdf" : ".jpg";
            return;
        case 3:
            out += fmt::format("{}/{}.json.gz", random.pick(kTeams), day);
            return;
        default:
            out += fmt::format("db/{}-{}.dump.zst", random.pick(kTeams), day);
    }
}
void make_prefix(std::string& out, Scene& s) {
    out += fmt::format("{}/dt={}/", s.random().pick_zipf(kTeams), format_day(s.time()));
}
void make_digest(std::string& out, Scene& s) {
    out += "sha256:";
    append_hex(out, s.random(), 64);
}
void make_stream(std::string& out, Scene& s) {
    std::string day = format_day(s.time());
    std::replace(day.begin(), day.end(), '-', '/');
    out += day + "/[$LATEST]";
    append_hex(out, s.random(), 32);
}
void make_task(std::string& out, Scene& s) {
    append_hex(out, s.random(), 32);
}
void make_session_name(std::string& out, Scene& s) {
    constexpr Words kNames[] = {"botocore-session-", "aws-sdk-java-", "terraform-"};
    out += s.random().pick(kNames);
    append_number(out, static_cast<uint64_t>(to_micros(s.time()) / 1000));
}
void make_etag(std::string& out, Scene& s) {
    append_hex(out, s.random(), 32);
}
void make_private_ip(std::string& out, Scene& s) {
    out += fmt::format("10.{}.{}.{}",
                       20 + s.random().below(4),
                       s.random().below(16) * 16,
                       4 + s.random().below(250));
}
void make_private_host(std::string& out, Scene& s) {
    out += s.value(Slot::private_ip);
    std::replace(out.begin(), out.end(), '.', '-');
}
void make_mac(std::string& out, Scene& s) {
    out += "0a";
    for (int i = 0; i < 5; ++i) {
        out += ':';
        append_hex(out, s.random(), 2);
    }
}
void make_role_id(std::string& out, Scene& s) {
    out += lasting_id("AROA", s.account(), s.value(Slot::role));
}
void make_invalidation(std::string& out, Scene& s) {
    out += 'I';
    append_upper(out, s.random(), 13);
}
void make_bytes(std::string& out, Scene& s) {
    append_number(out, static_cast<uint64_t>(std::exp(4 + 13 * s.random().unit())));
}
void make_new_key(std::string& out, Scene& s) {
    out += "AKIA";
    append_base32(out, s.random(), 16);
}
void make_count(std::string& out, Scene& s) {
    append_number(out, 1 + s.random().zipf(100));
}
void make_zone(std::string& out, Scene& s) {
    out += s.site().region;
    out += "abc"[s.random().below(3)];
}
void make_instance_type(std::string& out, Scene& s) {
    out += s.random().pick_zipf(kTypes);
}

void make_account(std::string& out, Scene& s) {
    out += s.account().id;
}
void make_region(std::string& out, Scene& s) {
    out += s.site().region;
}
void make_iso(std::string& out, Scene& s) {
    out += format_iso8601(std::chrono::floor<std::chrono::seconds>(s.time()));
}
void make_date(std::string& out, Scene& s) {
    append_date(out, s.time());
}
void make_later(std::string& out, Scene& s) {
    append_date(out, s.time() + std::chrono::hours(1));
}
void make_millis(std::string& out, Scene& s) {
    append_number(out, static_cast<uint64_t>(to_micros(s.time()) / 1000));
}
void make_uuid(std::string& out, Scene& s) {
    append_uuid(out, s.random());
}
void make_hex8(std::string& out, Scene& s) {
    append_hex(out, s.random(), 8);
}
void make_hex17(std::string& out, Scene& s) {
    append_hex(out, s.random(), 17);
}
void make_hex32(std::string& out, Scene& s) {
    append_hex(out, s.random(), 32);
}
void make_base32_16(std::string& out, Scene& s) {
    append_base32(out, s.random(), 16);
}
void make_base32_17(std::string& out, Scene& s) {
    append_base32(out, s.random(), 17);
}
void make_amz_id(std::string& out, Scene& s) {
    append_base64(out, s.random(), 75);
    out += '=';
}
void make_token(std::string& out, Scene& s) {
    out += "IQoJb3JpZ2luX2Vj";
    append_base64(out, s.random(), static_cast<int>(s.random().between(640, 900)));
}
void make_page(std::string& out, Scene& s) {
    append_base64(out, s.random(), 60);
}

struct Row {
    std::string_view name;
    Home home;
    int stock;
    void (*make)(std::string&, Scene&);
};

// clang-format off
constexpr Row kRows[] = {
#define SLOT(name, home, stock) {#name, Home::home, stock, make_##name},
#include "simulate/slots.def"
#undef SLOT
};
// clang-format on

const Row& row_of(Slot slot) {
    return kRows[static_cast<size_t>(slot)];
}

void fill(Stock& stock,
          Home home,
          const Account& account,
          const Site& site,
          Random random,
          double scale) {
    Scene scene(random, account, site, Timestamp());
    for (size_t i = 0; i < kSlots; ++i) {
        if (kRows[i].home != home) continue;
        const auto count = static_cast<size_t>(std::ceil(kRows[i].stock * scale));
        stock[i].resize(kRows[i].stock == 1 ? 1 : count);
        for (std::string& value : stock[i]) kRows[i].make(value, scene);
    }
}

}  // namespace

Slot slot_named(std::string_view name) {
    const auto found = std::find_if(
        std::begin(kRows), std::end(kRows), [&](const Row& row) { return row.name == name; });
    return static_cast<Slot>(found - std::begin(kRows));
}

void Scene::bind(Slot slot, std::string value) {
    values_[static_cast<size_t>(slot)] = std::move(value);
    chosen_.set(static_cast<size_t>(slot));
}

const std::string& Scene::value(Slot slot) {
    const size_t index = static_cast<size_t>(slot);
    std::string& value = values_[index];
    if (chosen_.test(index)) return value;
    chosen_.set(index);
    const Row& row = kRows[index];
    value.clear();
    if (row.home == Home::site) {
        value = random_.pick_zipf(site_->stock[index]);
    } else if (row.home == Home::account) {
        value = random_.pick_zipf(account_->stock[index]);
    } else {
        row.make(value, *this);
    }
    return value;
}

void Scene::append(std::string& out, Slot slot) {
    const Row& row = row_of(slot);
    if (row.home == Home::fresh && !chosen_.test(static_cast<size_t>(slot))) {
        row.make(out, *this);
    } else {
        out += value(slot);
    }
}

std::string lasting_id(std::string_view prefix, const Account& account, std::string_view name) {
    Random random = Random(0).fork(account.id).fork(name);
    std::string id(prefix);
    append_base32(id, random, 17);
    return id;
}

Template::Template(std::string_view text) {
    const auto is_name = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    };
    size_t start = 0;
    for (size_t at = 0; (at = text.find('$', at)) != std::string_view::npos;) {
        const bool braced = text.substr(at + 1, 1) == "{";
        const size_t name = at + (braced ? 2 : 1);
        size_t end = name;
        while (end < text.size() && is_name(text[end])) ++end;
        const Slot slot = slot_named(text.substr(name, end - name));
        if (slot == Slot::count_) {
            ++at;
            continue;
        }
        pieces_.push_back({text.substr(start, at - start), slot});
        start = at = end + (braced ? 1 : 0);
    }
    pieces_.push_back({text.substr(start), Slot::count_});
}

void Template::append(std::string& out, Scene& scene) const {
    for (const Piece& piece : pieces_) {
        out += piece.literal;
        if (piece.slot != Slot::count_) scene.append(out, piece.slot);
    }
}

void fill_account(Account& account, Random random, double scale) {
    const Site nowhere;
    fill(account.stock, Home::account, account, nowhere, random, scale);
}

void fill_site(Site& site, const Account& account, Random random, double scale) {
    fill(site.stock, Home::site, account, site, random, scale);
}

}  // namespace yagura::simulate
