/** The program under test: it knows nothing of recordings. */
import axios from 'axios';

export const http = axios.create({ baseURL: process.env['API_URL'] ?? 'https://api.example.com' });

export async function userNames(): Promise<string> {
  const { data } = await http.get<{ name: string }[]>('/users');
  return data.map(({ name }) => name).join(' and ');
}
