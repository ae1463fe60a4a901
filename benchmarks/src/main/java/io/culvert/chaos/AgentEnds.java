package io.culvert.chaos;

import io.culvert.ConnectionEvent;
import io.culvert.agent.Agent;
import io.culvert.agent.Upstream;
import io.culvert.connection.LinkStatistics;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;

/** An agent, and the service behind it on a port of loopback. It calls nobody. */
final class AgentEnds implements Ends {
  private final Server upstream = new Server();
  private final Agent agent;

  /** An agent of the relay at this port of loopback, connected. */
  AgentEnds(Amounts amounts, int port, Side.Listener listener) throws IOException {
    ServerConnector connector = new ServerConnector(upstream, 1, 1);
    connector.setHost("127.0.0.1");
    upstream.addConnector(connector);
    upstream.setHandler(new Service(amounts.posts()).application());
    try {
      upstream.start();
    } catch (Exception e) {
      throw new IOException("the service did not start", e);
    }
    CountDownLatch connected = new CountDownLatch(1);
    agent =
        Agent.builder(
                "ws://127.0.0.1:" + port,
                RelayEnds.NAME,
                Upstream.parse("http://127.0.0.1:" + connector.getLocalPort()))
            .connection(Settings::ofDialer)
            .onEvent(
                event -> {
                  if (event.type() == ConnectionEvent.Type.RECEIVED) {
                    connected.countDown();
                  }
                  Settings.tell(listener, event);
                })
            .start();
    try {
      if (!connected.await(Settings.CONNECT_TIMEOUT.toSeconds(), TimeUnit.SECONDS)) {
        throw new IOException("the agent does not reach its relay");
      }
    } catch (InterruptedException e) {
      throw new IOException("interrupted", e);
    }
  }

  @Override
  public Caller caller() {
    return null;
  }

  @Override
  public LinkStatistics links() {
    return LinkStatistics.NONE;
  }

  @Override
  public int streams() {
    return agent.status().openStreams();
  }

  @Override
  public void migrate() {
    throw new UnsupportedOperationException("agents move by themselves only");
  }

  @Override
  public int port() {
    return 0;
  }

  @Override
  public void close() {
    agent.close();
    try {
      upstream.stop();
    } catch (Exception e) {
      throw new IllegalStateException("the service did not stop", e);
    }
  }
}
