package io.culvert.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.culvert.testkit.RecordingListener.Event;
import jakarta.servlet.http.HttpServlet;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;

class JakartaOnJettyContractTest extends JakartaContract {

  @Override
  protected HostedAcceptor.Host host(
      HttpServlet servlet, SSLContext tls, String path, Duration timeout) throws IOException {
    return new JettyHost(servlet, tls, path, timeout);
  }

  @Test
  void theAcceptorReportsACloseFrameWithoutACodeAs1005() throws IOException {
    Socket socket = dialRaw(start(upgrade -> accept()).address());
    accepted.opened();
    frame(socket, 0x88, new byte[0]);
    assertEquals(1005, accepted.next(Event.Close.class).code());
  }
}
