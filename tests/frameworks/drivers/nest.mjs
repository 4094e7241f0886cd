import { NestFactory } from '@nestjs/core';
import { report } from './host.mjs';
import { driveSse } from './sse-client.mjs';
import { agent, AppModule } from './pages/nest.js';

const app = await NestFactory.create(AppModule, { logger: false, forceCloseConnections: true });
await app.listen(0, '127.0.0.1');
report(await driveSse(agent, app.getHttpServer().address().port));
await app.close();
