package io.culvert.cli;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * How a relay is reached.
 *
 * @param relay its URL, ws or wss
 * @param name the name that is served or wanted
 * @param token empty to show none
 * @param proxy a URL, or none; empty for what the environment says
 * @param ca PEM file of authorities; empty for those of the runtime
 * @param resumeTimeout zero: a connection ends with its WebSocket
 */
record DialSettings(
    URI relay,
    String name,
    Optional<String> token,
    Optional<String> proxy,
    Optional<Path> ca,
    Duration dialTimeout,
    Duration resumeTimeout,
    Duration heartbeat) {

  /** Without the token. */
  @Override
  public String toString() {
    return "DialSettings[" + relay + ", " + name + "]";
  }
}
