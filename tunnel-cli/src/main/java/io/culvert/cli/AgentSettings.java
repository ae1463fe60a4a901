package io.culvert.cli;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * An agent as the options describe it. Of {@code to}, {@code serve} and {@code openapi} one is
 * present.
 *
 * @param to the service: http, https, h2c, or unix and unix+h2c with an absolute path
 * @param serve the directory whose files are served
 * @param openapi the document that is served
 * @param hostHeader empty for what the client has sent
 * @param health how often the service is checked; zero for never
 * @param id empty for the default
 */
record AgentSettings(
    DialSettings dial,
    Optional<URI> to,
    Optional<Path> serve,
    Optional<Path> openapi,
    Optional<String> hostHeader,
    Optional<Path> upstreamCa,
    boolean insecureUpstream,
    Duration connectTimeout,
    Duration health,
    Optional<String> id) {

  /** What is served, for people. */
  String source() {
    return to.map(URI::toString)
        .or(() -> serve.map(Path::toString))
        .or(() -> openapi.map(Path::toString))
        .orElse("");
  }
}
