package io.culvert.chaos;

import io.culvert.connection.LinkStatistics;
import io.culvert.relay.Relay;
import io.culvert.relay.RelayStatus;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/** A relay, which the public calls; its agent is the other side. */
final class RelayEnds implements Ends {
  static final String NAME = "chaos";

  private final Relay relay;

  RelayEnds() throws IOException {
    InetAddress loopback = InetAddress.getLoopbackAddress();
    relay =
        Relay.builder()
            .address(new InetSocketAddress(loopback, 0))
            .defaultName(NAME)
            .heartbeat(Settings.HEARTBEAT, Settings.HEARTBEAT)
            .build()
            .start();
  }

  @Override
  public Caller caller() {
    return Caller.directly(relay.address());
  }

  @Override
  public LinkStatistics links() {
    return relay.status().links();
  }

  /** Those of exchanges under way; what is pooled besides is not told. */
  @Override
  public int streams() {
    return relay.status().connections().stream()
        .mapToInt(RelayStatus.ConnectionStatus::outstanding)
        .sum();
  }

  @Override
  public void migrate() {
    throw new UnsupportedOperationException("a relay does not dial");
  }

  @Override
  public int port() {
    return relay.address().getPort();
  }

  @Override
  public void close() {
    relay.close();
  }
}
