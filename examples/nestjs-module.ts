/**
 * NestJS: the cache is set up once, on the instance behind `HttpService`, where the module is made. Services go on
 * using `HttpService` as before, and the manager is a provider like any other.
 */
import 'reflect-metadata';
import { HttpModule, HttpService } from '@nestjs/axios';
import { Inject, Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { type CacheManager, setupCache } from 'axios-client-cache';
import { firstValueFrom } from 'rxjs';
import { sendJson, startOrigin } from './support/origin.js';

const origin = await startOrigin((_request, response) => sendJson(response, [{ id: 1, name: 'Ada' }]));

const CACHE = Symbol('the cache of HttpService');

@Module({
  imports: [HttpModule.register({ baseURL: origin.url, timeout: 5000 })],
  providers: [
    {
      provide: CACHE,
      inject: [HttpService],
      useFactory: (service: HttpService) => setupCache(service.axiosRef, { expireAfter: '5m' }).cache,
    },
  ],
  exports: [CACHE, HttpModule],
})
class CachedHttpModule {}

@Injectable()
class UsersService {
  constructor(
    @Inject(HttpService) private readonly http: HttpService,
    @Inject(CACHE) private readonly cache: CacheManager,
  ) {}

  async names(): Promise<string> {
    const { data, cached } = await firstValueFrom(this.http.get<{ name: string }[]>('/users'));
    return `${data.map(({ name }) => name).join(', ')}, ${cached === true ? 'from the cache' : 'from the server'}`;
  }

  forget(): Promise<number> {
    return this.cache.delete('/users');
  }
}

@Module({ imports: [CachedHttpModule], providers: [UsersService] })
class AppModule {}

const app = await NestFactory.createApplicationContext(AppModule, { logger: false });
const users = app.get(UsersService);
console.log(await users.names());
console.log(await users.names());
console.log(`${await users.forget()} entry deleted`);
console.log(await users.names());
await app.close();
await origin.close();

// It prints:
// Ada, from the server
// Ada, from the cache
// 1 entry deleted
// Ada, from the server
