package io.culvert.cli;

import io.culvert.ConnectionEvent;
import java.net.URI;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Logs what happens to the connection to a relay. */
record ConnectionLog(URI relay) implements Consumer<ConnectionEvent> {
  private static final Logger LOG = LoggerFactory.getLogger(ConnectionLog.class);

  @Override
  public void accept(ConnectionEvent event) {
    switch (event.type()) {
      case RECEIVED -> LOG.info("Connected to {}", relay);
      case DETACHED -> LOG.warn("Connection to {} interrupted: {}", relay, event.reason());
      case RESUMED -> LOG.info("Connection to {} resumed, nothing lost", relay);
      case CLOSED -> LOG.info("Connection to {} closed", relay);
      case FAILED -> LOG.warn("Connection to {} lost: {}", relay, event.reason());
    }
  }
}
