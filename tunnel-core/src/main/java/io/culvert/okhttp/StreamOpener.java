package io.culvert.okhttp;

import io.culvert.connection.TunnelStream;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;

/** Opens streams as {@link io.culvert.connection.StreamConnection#open} does. */
@FunctionalInterface
interface StreamOpener {
  TunnelStream open(Map<String, String> attributes, Duration timeout) throws IOException;
}
