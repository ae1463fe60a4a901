package io.culvert.cli;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** A relay's status as lines of a table. */
final class StatusTable {
  private static final List<String> HEAD =
      List.of(
          "NAME",
          "WHAT",
          "ID",
          "IDENTITY",
          "STATE",
          "RTT",
          "OPEN",
          "DONE",
          "IN",
          "OUT",
          "SINCE",
          "REMOTE");

  private StatusTable() {}

  /** The lines for what {@code /status} has answered. */
  static List<String> of(JsonObject status, Instant now) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(HEAD);
    for (JsonElement connection : status.getAsJsonArray("connections")) {
      rows.add(row(connection.getAsJsonObject(), now));
    }
    List<String> lines = new ArrayList<>();
    Duration up = Duration.between(Instant.parse(text(status, "startedAt")), now);
    JsonObject links = status.getAsJsonObject("links");
    lines.add(
        "relay %s, up %s; WebSockets cut %d, resumed %d, expired %d"
            .formatted(
                text(status, "version"),
                Figures.age(up),
                links.get("cuts").getAsLong(),
                links.get("resumes").getAsLong(),
                links.get("expired").getAsLong()));
    if (rows.size() == 1) {
      lines.add("nobody is connected");
    } else {
      lines.addAll(aligned(rows));
    }
    return lines;
  }

  private static List<String> row(JsonObject connection, Instant now) {
    Duration age = Duration.between(Instant.parse(text(connection, "since")), now);
    String id = text(connection, "agentId");
    return List.of(
        text(connection, "name"),
        text(connection, "role").toLowerCase(java.util.Locale.ROOT),
        id.isEmpty() ? "-" : id,
        text(connection, "identity"),
        state(connection),
        Figures.millis(connection.get("roundTrip").getAsDouble()),
        text(connection, "outstanding"),
        text(connection, "exchanges"),
        Figures.bytes(connection.get("received").getAsLong()),
        Figures.bytes(connection.get("sent").getAsLong()),
        Figures.age(age),
        text(connection, "remoteAddress"));
  }

  private static String state(JsonObject connection) {
    if (!connection.get("attached").getAsBoolean()) {
      return "away";
    }
    JsonObject health = connection.getAsJsonObject("health");
    return health.get("healthy").getAsBoolean() ? "up" : "unhealthy: " + text(health, "reason");
  }

  private static String text(JsonObject object, String key) {
    return Figures.printable(object.get(key).getAsString());
  }

  private static List<String> aligned(List<List<String>> rows) {
    int[] widths = new int[HEAD.size()];
    for (List<String> row : rows) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    List<String> lines = new ArrayList<>();
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < widths.length; i++) {
        line.append(row.get(i)).append(" ".repeat(widths[i] - row.get(i).length() + 2));
      }
      lines.add(line.toString().stripTrailing());
    }
    return lines;
  }
}
